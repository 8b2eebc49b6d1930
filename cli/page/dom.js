/* How anything gets onto the page: as text, never as markup, and only where it differs from what is there. */

export const find = (id) => document.getElementById(id);

export function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
}

/* Only what has changed is touched: selections stay, and screen readers are not told the same twice. */
export function write(element, text) {
    if (element.textContent !== text) {
        element.textContent = text;
    }
}

export function mark(element, name, value) {
    if (value === null) {
        element.removeAttribute(name);
    } else if (element.getAttribute(name) !== value) {
        element.setAttribute(name, value);
    }
}

/* As many children as items: each is made once, and told its item every time. */
export function fill(parent, items, create, update) {
    while (parent.children.length > items.length) {
        parent.lastElementChild.remove();
    }
    items.forEach((item, i) => update(parent.children[i] ?? parent.appendChild(create(item)), item, i));
}

export const page_rows = 100;

/* Rows beyond the cap wait behind a button. */
export function cap(section, all, rows, more) {
    const button = section.querySelector("button.more");
    button.hidden = all.length <= rows;
    if (!button.hidden) {
        write(button, `Show ${Math.min(page_rows, all.length - rows)} more of ${all.length - rows}`);
        button.onclick = more;
    }
    return all.slice(0, rows);
}

/* Terms and what is said of them: [["term", "text"], …]. */
export function terms(element, pairs) {
    fill(element, pairs, () => make("div", {}, make("dt"), make("dd", {dir: "auto"})), (div, [term, text]) => {
        write(div.firstChild, term);
        write(div.lastChild, text);
    });
}
