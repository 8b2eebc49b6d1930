/* The matrix of parties and steps, and the choice of what it shows: a thousand parties stay readable as counts, with a
 * filter and a few rows at a time. */
import {cap, fill, find, make, mark, page_rows, write} from "./dom.js";
import {bytes, clean, count, list, object, time} from "./text.js";

const states = {waiting: "waited for", here: "here", done: "done", lost: "lost", refused: "refused"};
const step_limit = 16;

const chosen = {state: "all", text: "", rows: page_rows};
let last = null;

function prepare(status) {
    const waiting = new Set(list(object(status.step).waiting_for));
    return list(status.parties).map((value) => {
        const party = object(value);
        const state = waiting.has(party.name) ? "waiting" : party.state;
        return {
            name: clean(party.name, 80),
            organisation: clean(party.organisation, 120),
            may: list(party.may).map((right) => clean(right, 20)).join(", "),
            state: Object.hasOwn(states, state) ? state : "other",
            stateText: Object.hasOwn(states, state) ? states[state] : clean(state, 20),
            awaited: waiting.has(party.name),
            steps: list(party.steps),
        };
    });
}

function showStates(parties) {
    const counts = {all: parties.length};
    for (const party of parties) {
        counts[party.state] = (counts[party.state] ?? 0) + 1;
    }
    const kinds = ["all", ...Object.keys(states).filter((kind) => counts[kind] > 0 || kind === chosen.state)];
    const create = () => make("button", {type: "button"}, make("span"), " ", make("b"));
    fill(find("states"), kinds, create, (button, kind) => {
        mark(button, "data-state", kind);
        mark(button, "aria-pressed", String(chosen.state === kind));
        write(button.firstChild, states[kind] ?? "all");
        write(button.lastChild, String(counts[kind] ?? 0));
        button.onclick = () => choose(kind);
    });
}

function choose(kind) {
    chosen.state = kind;
    chosen.rows = page_rows;
    showMatrix(last.status, last.now);
}

const isShown = (party) => (chosen.state === "all" || party.state === chosen.state) &&
    `${party.name} ${party.organisation}`.toLocaleLowerCase().includes(chosen.text);

function showHead(steps, current) {
    const titles = ["Party", "State", ...steps];
    const create = () => make("th", {role: "columnheader", scope: "col"});
    fill(document.querySelector("#matrix thead tr"), titles, create, (th, title, i) => {
        write(th, title);
        mark(th, "aria-current", i >= 2 && i - 2 === current ? "step" : null);
    });
}

function showCell(td, message, step, party, isCurrent, now) {
    const there = message !== null && typeof message === "object";
    const awaited = !there && isCurrent && party.awaited;
    mark(td, "data-label", step);
    mark(td, "class", there ? "there" : awaited ? "awaited" : "empty");
    write(td.firstChild, there ? time(message.at, now) : awaited ? "waited for" : "–");
    write(td.lastChild, there ? bytes(message.bytes) : "");
}

function makeRow() {
    return make("tr", {role: "row"},
        make("th", {role: "rowheader", scope: "row"}, make("bdi"), make("small", {dir: "auto"})),
        make("td", {role: "cell"}, make("span", {class: "state"})));
}

function showRow(tr, party, steps, current, now) {
    const [head, state] = tr.children;
    write(head.firstChild, party.name);
    write(head.lastChild, [party.organisation, party.may].filter(Boolean).join(" · "));
    mark(state.firstChild, "data-state", party.state);
    write(state.firstChild, party.stateText);
    while (tr.children.length > steps.length + 2) {
        tr.lastElementChild.remove();
    }
    steps.forEach((step, i) => {
        const td = tr.children[i + 2] ?? tr.appendChild(make("td", {role: "cell"}, make("span"), make("small")));
        showCell(td, party.steps[i] ?? null, step, party, i === current, now);
    });
}

export function showMatrix(status, now) {
    last = {status, now};
    const steps = list(status.steps).slice(0, step_limit).map((step) => clean(step, 24));
    const step = object(status.step);
    const current = status.done === true ? -1 : step.number - 1;
    const parties = prepare(status);
    const section = find("parties");
    showStates(parties);
    find("filter").hidden = parties.length <= 8 && chosen.text === "";
    showHead(steps, current);
    const found = parties.filter(isShown);
    const rows = cap(section, found, chosen.rows, () => {
        chosen.rows += page_rows;
        showMatrix(last.status, last.now);
    });
    fill(section.querySelector("tbody"), rows, makeRow, (tr, party) => showRow(tr, party, steps, current, now));
    section.querySelector(".none").hidden = found.length > 0;
    write(find("parties-title"), count(parties.length, "party", "parties"));
}

find("filter").addEventListener("input", (event) => {
    chosen.text = event.target.value.trim().toLocaleLowerCase();
    chosen.rows = page_rows;
    if (last) {
        showMatrix(last.status, last.now);
    }
});
