/* The plan in words: the lines of `veilsum plan show`, which are broken for a terminal, put together again as headings,
 * terms and items that run to the width of the page. What does not look like one of these stays a paragraph. */
import {make} from "./dom.js";
import {clean, list} from "./text.js";

/* The text of a term starts in this column; its further lines do so, too. */
const text_column = 17;

function parse(line) {
    if (/^\S/.test(line)) {
        return {kind: "heading", text: line};
    }
    if (line.startsWith("  - ")) {
        return {kind: "item", text: line.slice(4)};
    }
    if (/^ {2}\S/.test(line) && line[text_column - 1] === " " && line.length > text_column) {
        return {kind: "term", term: line.slice(2, text_column).trim(), text: line.slice(text_column).trim()};
    }
    return {kind: /^ {4}/.test(line) ? "more" : "paragraph", text: line.trim()};
}

function blocks(lines) {
    const found = [];
    for (const line of lines) {
        const block = parse(line);
        const last = found.at(-1);
        if (block.kind === "more" && last && last.kind !== "heading") {
            last.text += " " + block.text;
        } else if (block.text !== "") {
            found.push(block);
        }
    }
    return found;
}

/* Items and terms stand in a list of their own kind. */
function parent(section, tag) {
    const last = section.lastElementChild;
    return last?.localName === tag ? last : section.appendChild(make(tag));
}

function put(section, block) {
    if (block.kind === "item") {
        parent(section, "ul").append(make("li", {dir: "auto"}, block.text));
    } else if (block.kind === "term") {
        const said = make("dd", {dir: "auto"}, block.text);
        parent(section, "dl").append(make("div", {}, make("dt", {}, block.term), said));
    } else {
        section.append(make(block.kind === "heading" ? "h3" : "p", {dir: "auto"}, block.text));
    }
}

let shown = "";

export function showWords(element, words, title) {
    const lines = list(words).slice(0, 2000).map((line) => clean(line, 2000));
    const all = lines.join("\n");
    if (all === shown) {
        return;
    }
    shown = all;
    const flat = !lines.some((line) => line.startsWith(" "));
    let found = flat ? lines.map((text) => ({kind: "paragraph", text})) : blocks(lines);
    if (found[0]?.text === title) {
        found = found.slice(1); // the page has that title already
    }
    const sections = [make("section")];
    for (const block of found) {
        if (block.kind === "heading") {
            sections.push(make("section"));
        }
        put(sections.at(-1), block);
    }
    element.replaceChildren(...sections.filter((section) => section.firstChild));
}
