// Runs one Pulumi program, unmodified, against an engine at a given address.
//
// It is run by Node.js with nothing but the program's own packages at hand, so it stands alone. Its settings come in
// an environment variable as JSON. How the program ended goes, as JSON, to the file descriptor that they name.
"use strict";

const fs = require("fs");
const net = require("net");
const path = require("path");
const { fileURLToPath } = require("url");

const SETTINGS = "MULTIREGION_GUARD_RUN";
const LONGEST_MESSAGE = 8000; // characters; the whole report must fit into a pipe's buffer
const LONGEST_LINE = 200; // characters of a line of the program
const MOST_FRAMES = 20;
const MOST_MADE = 100; // a longer tail would say no more
const FRAME = /^\s+at (?:(.*?) \()?(?:async )?((?:file:\/\/|\/|[A-Za-z]:[\\/])[^()]*):(\d+):(\d+)\)?$/;
const TYPE_ERROR = /^([^\s:()][^:()\n]*)(?::(\d+):\d+ - |\((\d+),\d+\): )error TS/m;
const SYNTAX_ERROR = /^((?:file:\/\/|\/|[A-Za-z]:[\\/])[^\n]*):(\d+)\n/;

const settings = JSON.parse(process.env[SETTINGS]);
delete process.env[SETTINGS];

let told = false;

/** What the program has made or read so far, as [type, name]: the SDK registers it some time later. */
const made = [];

/** Tells how the program ended; only the first word counts. */
function tell(outcome) {
    if (!told) {
        told = true;
        fs.writeSync(settings.report, JSON.stringify(outcome));
    }
}

/** Ends this process, and what it starts, with whoever started it: the lifeline is a pipe that nobody writes to. */
function endWithParent() {
    const lifeline = new net.Socket({ fd: settings.lifeline, readable: true, writable: false });
    lifeline.on("error", () => undefined);
    lifeline.on("close", () => process.kill(-process.pid, "SIGKILL"));
    lifeline.resume();
    lifeline.unref();
}

/** Tells whether a file is the program's own: in its folder, and no installed package. */
function isOwn(file) {
    const inside = path.relative(settings.root_directory, file);
    return !inside.startsWith("..") && !path.isAbsolute(inside) && !inside.split(path.sep).includes("node_modules");
}

function place(file) {
    const plain = file.startsWith("file://") ? fileURLToPath(file) : path.resolve(settings.program_directory, file);
    try {
        return fs.realpathSync(plain);
    } catch {
        return plain;
    }
}

/** Gives a line of a file, or nothing where there is none. */
function textOf(file, line) {
    try {
        return (fs.readFileSync(file, "utf8").split("\n")[line - 1] || "").trim().slice(0, LONGEST_LINE);
    } catch {
        return "";
    }
}

function frame(file, line, name) {
    return { file, line, in: name || "<module>", text: textOf(file, line) };
}

/** Lists the frames of an error that lie in the program's folder, outermost first. */
function ownFrames(error) {
    const stack = `${(error && error.stack) || ""}`;
    const message = `${(error && error.message) || ""}`;
    const found = [];
    // What cannot be compiled has no frames of its own: the text names the place.
    const typed = TYPE_ERROR.exec(message);
    const syntax = error instanceof SyntaxError ? SYNTAX_ERROR.exec(stack) : null;
    if (typed) {
        found.push(frame(place(typed[1]), Number(typed[2] || typed[3])));
    } else if (syntax) {
        found.push(frame(place(syntax[1]), Number(syntax[2])));
    } else {
        for (const line of stack.split("\n")) {
            const match = FRAME.exec(line);
            if (match) {
                const name = (match[1] || "").replace(/^Object\.<anonymous>$/, "");
                found.unshift(frame(place(match[2]), Number(match[3]), name));
            }
        }
    }
    return found.filter((one) => isOwn(one.file)).slice(-MOST_FRAMES);
}

/** Gives the name of an error's kind; many classes leave it to their base and are known by their own name only. */
function nameOf(error) {
    const own = error.constructor && error.constructor.name;
    return error.name && error.name !== "Error" ? error.name : own || "Error";
}

/** Tells of whatever the program threw: its type and text, and those frames that are the program's own code. */
function describe(error) {
    const isError = error instanceof Error || (error && typeof error.message === "string");
    const whole = isError ? error.message : String(error);
    const typed = TYPE_ERROR.exec(whole);
    // The first thing that the compiler found; the lines before it only say that it found something.
    const text = typed ? whole.slice(typed.index).split("\n")[0] : whole.split("\nRequire stack:\n")[0];
    const missing = isError && /^Cannot find (?:module|package) '([^']+)'/.exec(text);
    return {
        outcome: "raised",
        type: isError ? nameOf(error) : "",
        message: text.slice(0, LONGEST_MESSAGE),
        module: missing && !missing[1].startsWith(".") && !path.isAbsolute(missing[1]) ? missing[1] : null,
        frames: ownFrames(error),
    };
}

/** Notices every way in which the program can end. */
function watch() {
    const exit = process.exit.bind(process);
    const raised = (error) => {
        tell(describe(error));
        exit(1);
    };
    // Before the SDK's own handlers, which would let the program go on.
    process.on("uncaughtException", raised);
    process.on("unhandledRejection", raised);
    process.exit = (code) => {
        const frames = ownFrames(new Error());
        const status = Number(code === undefined ? process.exitCode || 0 : code);
        // The SDK also ends the process, after it has printed why.
        const called = new Error().stack.split("\n").slice(1).map((line) => FRAME.exec(line)).find(Boolean);
        const bySdk = called && settings.sdk && place(called[2]).startsWith(settings.sdk + path.sep);
        if (!bySdk) {
            tell({ outcome: "exit", code: status, message: "", frames, made: made.slice(-MOST_MADE) });
        }
        exit(code);
    };
    process.on("exit", (code) => {
        tell(code ? { outcome: "failed", code } : { outcome: "done" });
    });
}

/** Keeps what the program makes and reads, to tell what it has not waited for where it ends itself. */
function keepWhatIsMade(sdk) {
    const runtime = require(path.join(sdk, "runtime", "resource"));
    for (const name of ["registerResource", "readResource"]) {
        const original = runtime[name];
        runtime[name] = (resource, parent, type, label, ...rest) => {
            made.push([`${type}`.slice(0, LONGEST_LINE), `${label}`.slice(0, LONGEST_LINE)]);
            return original(resource, parent, type, label, ...rest);
        };
    }
}

/** Makes the secrets that nobody could open unknown outputs, so that no function of the program gets to see them. */
function hideSecrets(sdk) {
    const keys = new Set(settings.unknown_keys);
    if (!keys.size) {
        return;
    }
    const { Config } = require(path.join(sdk, "config"));
    const { Output } = require(path.join(sdk, "output"));
    const unknown = () =>
        new Output(
            new Set(),
            Promise.resolve(undefined),
            Promise.resolve(false),
            Promise.resolve(true),
            Promise.resolve(new Set()),
        );
    for (const name of Object.getOwnPropertyNames(Config.prototype)) {
        if (name.startsWith("getSecret") || name.startsWith("requireSecret")) {
            const read = Config.prototype[name];
            Config.prototype[name] = function (key, ...rest) {
                return keys.has(this.fullKey(key)) ? unknown() : read.call(this, key, ...rest);
            };
        }
    }
}

function main() {
    endWithParent();
    watch();
    let run;
    try {
        run = require.resolve("@pulumi/pulumi/cmd/run", { paths: [settings.program_directory] });
    } catch (error) {
        tell({ outcome: "no-sdk", message: error.message.split("\n")[0], module: "@pulumi/pulumi" });
        process.exit(1);
    }
    const sdk = path.dirname(path.dirname(path.dirname(run)));
    settings.sdk = place(sdk);
    process.argv = [
        process.argv[0],
        run,
        "--monitor",
        settings.address,
        "--engine",
        settings.address,
        "--project",
        settings.project,
        "--stack",
        settings.stack,
        "--organization",
        settings.organization,
        "--parallel",
        `${settings.parallel}`,
        "--dry-run",
        "--pwd",
        settings.program_directory,
        "--root-directory",
        settings.root_directory,
        settings.entry,
    ];
    // It starts the program later on, when what it waits for is there.
    require(run);
    hideSecrets(sdk);
    keepWhatIsMade(sdk);
}

main();
