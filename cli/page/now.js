/* The top of the page: which step it is, whom it waits for, since when, and how long is left, by the board's clock. */
import {fill, find, make, mark, write} from "./dom.js";
import {clean, duration, list, names, number, object, time} from "./text.js";

const announce_again_ms = 15000;
const announced = {step: "", text: "", at: -Infinity};

/* Whom the step waits for; a board that only passes messages on knows no step, but who has sent nothing yet. */
function awaited(status) {
    const step = object(status.step);
    if (typeof step.name === "string") {
        return list(step.waiting_for);
    }
    return list(status.parties).map(object).filter((party) => party.state === "waiting").map((party) => party.name);
}

function headline(status) {
    const waiting = awaited(status);
    if (status.failed) {
        return `Failed: ${clean(status.failed)}`;
    }
    if (status.done === true) {
        return status.result ? "Done: the result is published" : "Done";
    }
    return waiting.length > 0 ? `Waiting for ${names(waiting, 5)}` : "Nobody is waited for";
}

function showSteps(status, current) {
    const steps = list(status.steps).slice(0, 16);
    fill(find("steps"), steps, () => make("li", {dir: "auto"}), (li, step, i) => {
        write(li, clean(step, 24));
        mark(li, "class", current === null || i < current ? "over" : i === current ? "current" : "ahead");
        mark(li, "aria-current", i === current ? "step" : null);
    });
}

/* A screen reader hears of a new step at once; of those who come within a step only now and then. */
function announce(step, text) {
    const now = performance.now();
    if (text === announced.text || (step === announced.step && now - announced.at < announce_again_ms)) {
        return;
    }
    Object.assign(announced, {step, text, at: now});
    write(find("announce"), text);
}

export function showNow(status, now) {
    const step = object(status.step);
    const isOver = status.done === true || Boolean(status.failed);
    const text = headline(status);
    write(find("headline"), text);
    mark(find("now"), "data-state", status.failed ? "failed" : status.done === true ? "done" : "running");
    showSteps(status, status.done === true ? null : number(step.number) - 1);
    const where = typeof step.name !== "string" ? "" :
        `Step ${number(step.number)} of ${number(step.of)}, ${clean(step.name, 24)}`;
    write(find("where"), status.done === true ? "" : where);
    announce(`${step.number} ${isOver}`, isOver || where === "" ? text : `${where}. ${text}.`);
    const running = where === "" ? "" : `${number(step.number)}/${number(step.of)} ${clean(step.name, 24)} · `;
    const progress = isOver ? `${text.split(":")[0]} · ` : running;
    document.title = `${progress}${clean(object(status.plan).title, 80) || "veilsum"}`;
    tick(status, now);
}

/* What moves without news from the board. */
export function tick(status, now) {
    const step = object(status.step);
    const since = Date.parse(step.since);
    const until = Date.parse(step.until);
    const isOver = status.done === true || Boolean(status.failed);
    const hasEnd = !isOver && !Number.isNaN(until);
    const lasted = `since ${time(step.since, now)}, for ${duration(now - since)}`;
    write(find("since"), isOver || Number.isNaN(since) ? "" : lasted);
    write(find("left"), !hasEnd ? "" : now < until ? `${duration(until - now)} left` : "the time is up");
    const wait = find("wait");
    wait.hidden = !hasEnd || !(until > since);
    if (!wait.hidden) {
        wait.value = Math.min(1, Math.max(0, (now - since) / (until - since)));
    }
}
