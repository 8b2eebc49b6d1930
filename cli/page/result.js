/* The published result: what the plan opens, as the board passes it on. A null is a value that is withheld, or that
 * nobody has. */
import {cap, fill, find, make, mark, page_rows, write} from "./dom.js";
import {clean, count, list, number, object} from "./text.js";

const column_limit = 200;
const reasons = {
    min_rows: "fewer rows than the plan's minimum",
    min_contributors: "fewer contributors than the plan's minimum",
    complementary: "it would give a withheld value away by subtraction",
};

let shown = "";
let rows_shown = page_rows;

const own = (row, name) => (Object.hasOwn(row, name) ? row[name] : null);
const place = (row, column) => `${row} ${column}`;
const isNumber = (value) => typeof value === "number" || /^[-+]?[0-9][0-9.]*$/.test(value);

function whyWithheld(result) {
    const found = new Map();
    for (const item of list(result.withheld)) {
        const value = object(item);
        found.set(place(value.row, value.column), own(reasons, value.reason) ?? clean(value.reason, 80));
    }
    return found;
}

/* Columns with their cells' class: numbers stand under each other where a column holds nothing else. */
function readColumns(result) {
    const rows = list(result.rows).slice(0, page_rows).map(object);
    return list(result.columns).slice(0, column_limit).filter((column) => typeof column === "string").map((name) => {
        const values = rows.map((row) => own(row, name)).filter((value) => value !== null);
        return {name, kind: values.length > 0 && values.every(isNumber) ? "number" : "words"};
    });
}

function showCell(td, row, index, column, why) {
    const value = own(row, column.name);
    const reason = value === null ? why.get(place(index, column.name)) : undefined;
    write(td, value !== null ? clean(value) : reason === undefined ? "–" : "withheld");
    mark(td, "class", value === null ? `${column.kind} empty` : column.kind);
    mark(td, "title", reason ?? null);
}

function showRows(result, columns, why) {
    const section = find("result");
    const rows = cap(section, list(result.rows), rows_shown, () => {
        rows_shown += page_rows;
        showRows(result, columns, why);
    });
    const create = () => make("tr", {role: "row"});
    fill(section.querySelector("tbody"), rows, create, (tr, row, index) => {
        const createCell = () => make("td", {role: "cell", dir: "auto"});
        fill(tr, columns, createCell, (td, column) => showCell(td, object(row), index, column, why));
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

/* A result does not change once it is there: it is drawn once, and again only if the board says something else. */
export function showResult(value) {
    find("result").hidden = value === null || typeof value !== "object";
    const text = JSON.stringify(value ?? null);
    if (find("result").hidden || text === shown) {
        return;
    }
    shown = text;
    rows_shown = page_rows;
    const result = object(value);
    const columns = readColumns(result);
    const why = whyWithheld(result);
    const who = count(number(result.contributors), "contributor", "contributors");
    const period = result.period ? `, period ${clean(result.period, 60)}` : "";
    write(find("result-about"), `The total of ${who}${period}. It holds what the plan opens, and nothing else.`);
    const create = () => make("th", {role: "columnheader", scope: "col", dir: "auto"});
    fill(document.querySelector("#result-table thead tr"), columns, create, (th, column) => {
        write(th, clean(column.name, 80));
        mark(th, "class", column.kind);
    });
    showRows(result, columns, why);
    showWhy(why);
}
