/* What others wrote, made fit to be shown; times, sizes and counts in words. */

/* Characters that are not seen, or that turn the text around them; a name that holds them shows them as escapes. */
const unseen = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const escaped = (character) => "\\u" + character.codePointAt(0).toString(16).padStart(4, "0");

export function clean(value, limit = 300) {
    if (typeof value === "number") {
        return String(value);
    }
    if (typeof value !== "string") {
        return "";
    }
    const whole = value.length <= limit ? value : value.slice(0, limit) + "…";
    return whole.replace(unseen, escaped);
}

export const list = (value) => (Array.isArray(value) ? value : []);
export const object = (value) => (value !== null && typeof value === "object" && !Array.isArray(value) ? value : {});
export const number = (value) => (typeof value === "number" && value >= 0 ? value : 0);

const two = (n) => String(n).padStart(2, "0");

/* As the reader's clock shows it; with the day where that is not the day of `now`. */
export function time(value, now) {
    const at = new Date(value);
    if (typeof value !== "string" || Number.isNaN(at.getTime())) {
        return "";
    }
    const day = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
    return day(at) === day(new Date(now)) ? clock : `${day(at)} ${clock}`;
}

/* A number and its unit stay on one line. */
const with_unit = (n, unit) => `${n}\u00a0${unit}`;

export function duration(ms) {
    const s = Math.max(0, Math.floor(ms / 1000));
    if (s < 60) {
        return with_unit(s, "s");
    }
    if (s < 3600) {
        return `${with_unit(Math.floor(s / 60), "min")}\u00a0${with_unit(two(s % 60), "s")}`;
    }
    if (s < 48 * 3600) {
        return `${with_unit(Math.floor(s / 3600), "h")}\u00a0${with_unit(two(Math.floor((s % 3600) / 60)), "min")}`;
    }
    return with_unit(Math.floor(s / 86400), "days");
}

export function bytes(value) {
    let n = number(value);
    let unit = 0;
    for (; n >= 999.5 && unit < 5; unit++) {
        n /= 1000;
    }
    const digits = unit > 0 && n < 9.95 ? n.toFixed(1) : n.toFixed(0);
    return with_unit(digits, ["B", "kB", "MB", "GB", "TB", "PB"][unit]);
}

export const count = (n, one, many) => `${n.toLocaleString("en").replaceAll(",", "\u202f")} ${n === 1 ? one : many}`;

/* "A, B and 3 more" */
export function names(all, most) {
    const some = all.slice(0, most).map((name) => clean(name, 60));
    if (all.length > most) {
        return `${some.join(", ")} and ${all.length - most} more`;
    }
    const last = some.pop() ?? "";
    return some.length > 0 ? `${some.join(", ")} and ${last}` : last;
}
