"use strict";
(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const findings = all(".finding");
  const fields = ["kind", "severity", "area"].map((name) => one(`#${name}`)).filter(Boolean);
  const search = one("#search");

  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const finding of findings) {
      const text = finding.textContent.toLowerCase();
      const fits =
        fields.every((field) => !field.value || finding.dataset[field.id] === field.value) &&
        words.every((word) => text.includes(word));
      finding.hidden = !fits;
      shown += fits;
    }
    one("#shown").textContent = `${shown} of ${findings.length} shown`;
    one("#nothing").hidden = shown > 0;
  };

  if (search) {
    search.addEventListener("input", show);
    fields.forEach((field) => field.addEventListener("change", show));
    one(".filters").addEventListener("reset", () => setTimeout(show));
    one(".filters").addEventListener("submit", (event) => event.preventDefault());
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
      if (event.key === "/" && !typing) {
        event.preventDefault();
        search.focus();
      }
    });
  }

  const choose = (box) => {
    const section = box.closest("section");
    const details = one(".details", section);
    all(".box.chosen", section).forEach((other) => other.classList.remove("chosen"));
    box.classList.add("chosen");
    const title = document.createElement("h4");
    title.textContent = box.getAttribute("aria-label");
    const list = document.createElement("ul");
    for (const finding of findings.filter((each) => each.dataset.urn === box.dataset.urn)) {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = "#findings";
      link.textContent = one(".what", finding).textContent;
      link.addEventListener("click", (event) => {
        event.preventDefault();
        one(".filters").reset();
        setTimeout(() => {
          one("details", finding).open = true;
          one("summary", finding).focus();
          finding.scrollIntoView({ block: "center" });
        }, 10);
      });
      item.append(link, ` (${one(".rule code", finding).textContent})`);
      list.append(item);
    }
    const urn = document.createElement("p");
    urn.className = "quiet";
    urn.textContent = box.dataset.urn;
    details.replaceChildren(title, urn, list);
    details.hidden = false;
  };

  for (const box of all('g.box[role="button"]')) {
    box.addEventListener("click", () => choose(box));
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        choose(box);
      }
    });
  }

  const open = () => {
    const target = location.hash.startsWith("#rule-") && document.getElementById(location.hash.slice(1));
    if (target) {
      target.open = true;
      one("summary", target).focus();
    }
  };
  addEventListener("hashchange", open);
  open();

  // On paper nothing can be unfolded. The long pages of rules stay folded.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all(".finding details, details.more").filter((each) => !each.open);
    opened.forEach((each) => (each.open = true));
  });
  addEventListener("afterprint", () => opened.forEach((each) => (each.open = false)));
})();
