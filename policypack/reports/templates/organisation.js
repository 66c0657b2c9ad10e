"use strict";
(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const make = (name, text = "", kind = "") => {
    const made = document.createElement(name);
    made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const data = JSON.parse(one("#data").textContent);
  const heat = one("#heat");
  const KIND_WORDS = ["mandatory", "advisory", "rule broke", "undecided", "waived", "known"];
  const KIND_STYLES = ["mandatory", "advisory", "error", "undecided", "accepted", "accepted"];
  const CELLS = ["none", "pass", "accepted", "undecided", "error", "advisory", "mandatory"];

  // What a line of the data has, by its places.
  const lineOf = ([rule, kind, name, type, path, message, source = 0, remark = 0, fresh = 0]) => ({
    rule: data.rules[rule][0], kind, name, type: data.texts[type], path: data.texts[path],
    message: data.texts[message], source: data.texts[source], remark: data.texts[remark], fresh,
  });
  const rules = new Map(data.rules.map(([name, area, severity, about, fix]) => [name, { name, area, severity, about, fix }]));

  const body = heat && heat.tBodies[0];
  const stacks = heat
    ? [...body.rows].map((row, place) => ({
        ...data.stacks[place], row, place, name: row.cells[0].textContent, owner: row.cells[1].textContent,
      }))
    : [];
  const byRow = new Map(stacks.map((stack) => [stack.row, stack]));
  const byName = new Map(stacks.map((stack) => [stack.name, stack]));
  const first = heat ? heat.tHead.rows[0].cells.length - data.areas.length : 0;

  // --- filter -------------------------------------------------------------------------------------------------------
  const search = one("#search");
  const chosen = () => Object.fromEntries(["owner", "area", "severity", "kind", "rule"].map((id) => [id, one(`#${id}`).value]));
  const about = (filter) => filter.area !== "" || filter.severity || filter.kind || filter.rule;

  // Whether what a rule says in one way is what the reader asks for.
  const asked = (filter, name, kind) => {
    const rule = rules.get(name);
    return (
      (filter.area === "" || rule.area === Number(filter.area)) &&
      (!filter.severity || rule.severity === filter.severity) &&
      (!filter.rule || name === filter.rule) &&
      (!filter.kind || filter.kind === "new" || kind === Number(filter.kind))
    );
  };
  const words = (stack) => {
    stack.text ??= [stack.name, stack.owner, stack.w, ...stack.q.map(([rule]) => data.rules[rule][0]),
      ...stack.l.flatMap((line) => { const said = lineOf(line); return [said.name, said.type, said.message, said.remark]; }),
    ].join("\n").toLowerCase();
    return stack.text;
  };
  // What is counted of a stack: its rule, its kind and how often; all of it, also where the page has no room for lines.
  const pairsOf = (stack, filter) =>
    (filter.kind === "new" ? (stack.n || []).map(([rule, count]) => [rule, "new", count]) : stack.q)
      .filter(([rule, kind]) => asked(filter, data.rules[rule][0], kind));
  const fits = (stack, filter, terms) =>
    (!filter.owner || (filter.owner === "-" ? !stack.owner : stack.owner === filter.owner)) &&
    (!about(filter) || pairsOf(stack, filter).length > 0) &&
    terms.every((term) => words(stack).includes(term));

  const show = () => {
    const filter = chosen();
    const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const stack of stacks) {
      const fitting = fits(stack, filter, terms);
      stack.row.hidden = !fitting;
      shown += fitting;
    }
    one("#shown").textContent = `${shown} of ${stacks.length} stacks shown`;
    one("#nothing").hidden = shown > 0;
    settle();
  };

  // --- order --------------------------------------------------------------------------------------------------------
  const rank = (cell) => CELLS.indexOf(cell.classList[1]) * 100000 + Number(cell.textContent.slice(1) || 0);
  const number = (cell) => Math.abs(Number(cell.textContent.replace("\u2212", "-") || 0));
  const keyOf = (what, column) => (row) =>
    what === "name" || what === "owner" ? row.cells[column].textContent : column >= first ? rank(row.cells[column]) : number(row.cells[column]);

  const sort = (button) => {
    const head = button.closest("th");
    const texts = ["name", "owner"].includes(button.dataset.sort);
    const before = head.getAttribute("aria-sort");
    // The first click shows what matters: names from A, numbers from the highest. A third gives the worst first again.
    const order = texts ? ["ascending", "descending", "none"] : ["descending", "ascending", "none"];
    const now = order[(order.indexOf(before || "none") + 1) % 3];
    all("th", heat.tHead).forEach((other) => other.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", now);
    const key = keyOf(button.dataset.sort, head.cellIndex);
    const sign = now === "descending" ? -1 : 1;
    const ordered = stacks.map((stack) => [key(stack.row), stack]);
    ordered.sort(([a, one], [b, other]) => {
      if (now === "none" || a === b) return one.place - other.place;
      if (texts && (!a || !b)) return a ? -1 : 1;
      return sign * (texts ? a.localeCompare(b, "en", { numeric: true }) : a - b);
    });
    body.append(...ordered.map(([, stack]) => stack.row));
    settle();
  };

  // --- keys ---------------------------------------------------------------------------------------------------------
  // One cell at a time can be reached with Tab; arrow keys go on from there.
  let current = null;
  const settle = (cell) => {
    const next = cell || (current && !current.parentNode.hidden ? current : all("tr:not([hidden]) > th", body)[0]);
    if (current) current.removeAttribute("tabindex");
    current = next || null;
    if (current) current.tabIndex = 0;
  };
  const beside = (row, step) => {
    let next = row;
    do next = step > 0 ? next.nextElementSibling : next.previousElementSibling;
    while (next && next.hidden);
    return next;
  };
  const move = (event) => {
    const cell = event.target.closest("tbody th, tbody td");
    if (!cell) return;
    const row = cell.parentNode;
    const visible = all("tr:not([hidden])", body);
    const page = (step) => visible[Math.min(Math.max(visible.indexOf(row) + step, 0), visible.length - 1)].cells[cell.cellIndex];
    const next = {
      ArrowLeft: () => cell.previousElementSibling,
      ArrowRight: () => cell.nextElementSibling,
      ArrowUp: () => beside(row, -1)?.cells[cell.cellIndex],
      ArrowDown: () => beside(row, 1)?.cells[cell.cellIndex],
      PageUp: () => page(-15),
      PageDown: () => page(15),
      Home: () => row.cells[0],
      End: () => row.cells[row.cells.length - 1],
    }[event.key];
    if (next) {
      event.preventDefault();
      const target = next();
      if (target) {
        settle(target);
        target.focus();
        target.scrollIntoView({ block: "nearest", inline: "nearest" });
      }
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      tell(cell);
    }
  };

  // --- details ------------------------------------------------------------------------------------------------------
  const dialog = one("#detail");
  const counted = (pairs) => {
    const counts = KIND_WORDS.map(() => 0);
    for (const [, kind, count] of pairs) counts[kind] += count;
    return counts;
  };
  const chips = (counts, passed) => {
    const list = make("div", "", "chips");
    counts.forEach((count, kind) => {
      if (count) list.append(make("span", `${count} ${KIND_WORDS[kind]}`, `badge ${KIND_STYLES[kind]}`));
    });
    if (passed) list.append(make("span", `${passed} ${passed === 1 ? "rule" : "rules"} passed`, "badge pass"));
    return list;
  };
  const facts = (pairs) => {
    const list = make("dl");
    for (const [name, text] of pairs) if (text) list.append(make("dt", name), make("dd", text));
    return list;
  };
  const item = (said) => {
    const made = make("li");
    made.append(make("span", KIND_WORDS[said.kind], `badge ${KIND_STYLES[said.kind]}`), " ", make("strong", said.name));
    if (said.type) made.append(" ", make("span", said.type.split(":").pop(), "quiet"));
    made.append(make("br"), said.message);
    if (said.fresh) made.append(" ", make("span", "new", "new"));
    if (said.remark) made.append(" ", make("em", said.remark));
    if (said.source) made.append(make("br"), make("code", said.source));
    return made;
  };
  const byRule = (lines) => {
    const groups = new Map();
    for (const said of lines) groups.set(said.rule, [...(groups.get(said.rule) || []), said]);
    return groups;
  };

  const fill = (stack, filter) => {
    const inner = one("#detail-body");
    const only = about(filter);
    const pairs = pairsOf(stack, filter);
    const lines = stack.l.map(lineOf).filter((said) => asked(filter, said.rule, said.kind) && (filter.kind !== "new" || said.fresh));
    one("#detail-title").textContent = stack.name;
    const owner = stack.owner ? `${stack.owner}${stack.o ? `, ${stack.o}` : ""}` : one('#owner option[value="-"]').textContent;
    inner.replaceChildren(facts([["Owner", owner], ["Read from", stack.w], ["Kind", stack.k], ["Resources", `${stack.r}`]]));
    if (only) {
      const named = [filter.area !== "" && data.areas[filter.area], filter.severity, filter.rule,
        filter.kind === "new" ? "new findings" : filter.kind && KIND_WORDS[filter.kind]].filter(Boolean).join(", ");
      const line = make("p", `Only: ${named}. `);
      const more = make("button", "Show everything of this stack");
      more.addEventListener("click", () => {
        fill(stack, { owner: "", area: "", severity: "", kind: "", rule: "" });
        one("#detail-title").focus();
      });
      line.append(more);
      inner.append(line);
    }
    const passed = filter.area !== "" ? stack.v[filter.area] : stack.v.reduce((sum, count) => sum + count, 0);
    if (filter.kind !== "new") inner.append(chips(counted(pairs), filter.severity || filter.kind || filter.rule ? 0 : passed));
    for (const [name, some] of byRule(lines)) {
      const rule = rules.get(name);
      const title = make("h3");
      title.append(make("code", name), " ", make("span", rule.severity, `badge severity ${rule.severity}`));
      const list = make("ul");
      list.append(...some.map(item));
      inner.append(title, make("p", rule.about, "quiet"), list);
      if (some.some((said) => said.kind < 2)) inner.append(make("p", `What to do: ${rule.fix}`));
      inner.append(make("p", `More: multiregion-guard explain ${name}`, "quiet"));
    }
    const total = pairs.reduce((sum, [, , count]) => sum + count, 0);
    if (!lines.length && !total) inner.append(make("p", "Nothing is said here."));
    const left = total - lines.length;
    if (left > 0) inner.append(make("p", `And ${left} more, which this page has no room for: the JSON report has them all.`, "quiet"));
    for (const [title, texts] of [["To take out of the baseline", stack.x], ["About this run", stack.a]]) {
      if (!only && texts) {
        const list = make("ul");
        list.append(...texts.map((text) => make("li", text)));
        inner.append(make("h3", title), list);
      }
    }
  };
  const open = (stack, filter) => {
    fill(stack, filter);
    dialog.showModal();
    dialog.scrollTop = 0;
    one("#detail-title").focus();
  };
  const tell = (cell) => {
    settle(cell);
    const filter = chosen();
    if (cell.cellIndex >= first) filter.area = String(cell.cellIndex - first);
    open(byRow.get(cell.parentNode), filter);
  };

  if (heat) {
    search.addEventListener("input", show);
    all(".filters select").forEach((field) => field.addEventListener("change", show));
    one(".filters").addEventListener("reset", () => setTimeout(show));
    one(".filters").addEventListener("submit", (event) => event.preventDefault());
    heat.tHead.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) sort(button);
    });
    body.addEventListener("click", (event) => {
      const cell = event.target.closest("th, td");
      if (cell) tell(cell);
    });
    heat.addEventListener("keydown", move);
    settle();
    one("#close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // beside it
    });
    dialog.addEventListener("close", () => current?.focus());
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-filter], [data-open]");
      if (!button) return;
      if (button.dataset.open) {
        const stack = byName.get(button.dataset.open);
        settle(stack.row.cells[0]);
        open(stack, { owner: "", area: "", severity: "", kind: "", rule: "" });
        return;
      }
      one(".filters").reset();
      setTimeout(() => {
        one(`#${button.dataset.filter}`).value = button.dataset.value;
        show();
        one("#stacks").scrollIntoView();
        one(`#${button.dataset.filter}`).focus({ preventScroll: true });
      }, 10);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && !dialog.open && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) {
        event.preventDefault();
        search.focus();
      }
    });
  }

  // --- rules --------------------------------------------------------------------------------------------------------
  const table = one(".rules");
  const more = one("#all-rules");
  if (more) {
    table.classList.add("folded");
    more.hidden = false;
    more.addEventListener("click", () => {
      table.classList.remove("folded");
      more.hidden = true;
      one("tr.rest button", table).focus();
    });
  }
  const reach = () => {
    const target = location.hash.startsWith("#rule-") && document.getElementById(location.hash.slice(1));
    if (target) {
      if (target.classList.contains("rest")) {
        table.classList.remove("folded");
        more.hidden = true;
      }
      one("button", target).focus();
      target.scrollIntoView({ block: "center" });
    }
  };
  addEventListener("hashchange", reach);
  reach();

  // On paper nothing can be unfolded. The long tables of frameworks stay folded.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details.more:not(.framework)").filter((each) => !each.open);
    opened.forEach((each) => (each.open = true));
  });
  addEventListener("afterprint", () => opened.forEach((each) => (each.open = false)));
})();
