/* The published result: what the plan opens, as the board passes it on. A null is a value that is withheld, or that nobody has. */
import {cap, clean, count, fill, find, list, make, mark, number, object, page_rows, write} from "./text.js";

const column_limit = 200;
const reasons = {
    min_rows: "fewer rows than the plan's minimum",
    min_contributors: "fewer contributors than the plan's minimum",
    complementary: "it would give a withheld value away by subtraction",
};

let shown = "";
let rows_shown = page_rows;

const place = (row, column) => `${row} ${column}`;
const isNumber = (text) => /^[-+]?[0-9][0-9.]*$/.test(text);

function whyWithheld(result) {
    const found = new Map();
    for (const item of list(result.withheld)) {
        const value = object(item);
        found.set(place(value.row, value.column), Object.hasOwn(reasons, value.reason) ? reasons[value.reason] : clean(value.reason, 80));
    }
    return found;
}

function showCell(td, row, index, column, why) {
    const value = Object.hasOwn(row, column) ? row[column] : null;
    const reason = value === null ? why.get(place(index, column)) : undefined;
    const text = value === null ? (reason === undefined ? "–" : "withheld") : clean(value);
    write(td, text);
    mark(td, "class", value === null ? "empty" : isNumber(text) ? "number" : null);
    mark(td, "title", reason ?? null);
}

function showRows(result, columns, why) {
    const section = find("result");
    const rows = cap(section, list(result.rows), rows_shown, () => {
        rows_shown += page_rows;
        showRows(result, columns, why);
    });
    fill(section.querySelector("tbody"), rows, () => make("tr", {role: "row"}), (tr, row, index) => {
        fill(tr, columns, () => make("td", {role: "cell", dir: "auto"}), (td, column) => showCell(td, object(row), index, column, why));
    });
}

function showWhy(why) {
    const counts = new Map();
    for (const reason of why.values()) {
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    const parts = [...counts].slice(0, 10).map(([reason, times]) => `${reason} (${times})`);
    find("withheld").hidden = parts.length === 0;
    write(find("withheld"), `Withheld: ${parts.join("; ")}.`);
}

/* A result does not change once it is there, so that it is drawn once, and again only if the board says something else. */
export function showResult(value) {
    find("result").hidden = value === null || typeof value !== "object";
    const text = JSON.stringify(value ?? null);
    if (find("result").hidden || text === shown) {
        return;
    }
    shown = text;
    rows_shown = page_rows;
    const result = object(value);
    const columns = list(result.columns).slice(0, column_limit).filter((column) => typeof column === "string");
    const why = whyWithheld(result);
    write(find("result-about"), `The total of ${count(number(result.contributors), "contributor", "contributors")}` +
        (result.period ? `, period ${clean(result.period, 60)}` : "") + ". It holds what the plan opens, and nothing else.");
    fill(document.querySelector("#result-table thead tr"), columns,
        () => make("th", {role: "columnheader", scope: "col", dir: "auto"}), (th, column) => write(th, clean(column, 80)));
    showRows(result, columns, why);
    showWhy(why);
}
