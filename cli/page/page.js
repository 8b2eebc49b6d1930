/* The status page: asks the board how the session stands, once a second while it is looked at, and shows the answer. */
import {showMatrix} from "./matrix.js";
import {showNow, tick} from "./now.js";
import {showResult} from "./result.js";
import {bytes, clean, count, duration, list, number, object, time} from "./text.js";
import {cap, fill, find, make, mark, terms, write} from "./dom.js";
import {showWords} from "./words.js";

const address = "v1/status";
const interval_ms = 1000;
const hidden_interval_ms = 15000;
const longest_interval_ms = 30000;
const answer_timeout_ms = 15000;
const spark_samples = 120;
const skew_worth_saying_ms = 30000;

const openings = {
    key: "opened by the holder of a key",
    threshold: "opened by several holders of a key together",
    shares: "shared between servers, without a key",
    masks: "under masks that cancel out, without a key",
};

const board = {status: null, at: 0, heard: null, failures: 0, why: "", next: 0, isAsking: false, timer: 0};
const spark = [];
let refused_rows = 20;

/* The board's clock now: what it said last, and the time since. */
const clock = () => Date.parse(board.status.now) + performance.now() - board.at || Date.now();

function showAbout(status) {
    const plan = object(status.plan);
    write(find("title"), clean(plan.title) || "A plan without a title");
    const parts = [
        status.period ? `Period ${clean(status.period, 60)}` : "",
        status.attempt > 0 ? `attempt ${status.attempt + 1}` : "",
        Object.hasOwn(openings, plan.opening) ? openings[plan.opening] : "",
        clean(plan.purpose),
    ];
    write(find("about"), parts.filter(Boolean).join(" · "));
}

function showRefused(status, now) {
    const section = find("refused");
    const all = list(status.refused).slice(0, 1000).map(object);
    const link = find("refused-link");
    section.hidden = link.hidden = all.length === 0;
    write(link, `${count(all.length, "message was", "messages were")} refused`);
    const rows = cap(section, all, refused_rows, () => {
        refused_rows += 80;
        showRefused(board.status, clock());
    });
    const cell = (label) => make("td", {role: "cell", dir: "auto", "data-label": label});
    const create = () => make("tr", {role: "row"}, ...["Time", "From", "Step", "Reason"].map(cell));
    fill(section.querySelector("tbody"), rows, create, (tr, item) => {
        const from = typeof item.from === "string" ? clean(item.from, 80) : "unknown";
        const times = number(item.times) > 1 ? ` (${number(item.times)} times)` : "";
        const texts = [time(item.at, now), from, clean(item.step, 24) || "–", clean(item.reason, 500) + times];
        texts.forEach((text, i) => write(tr.children[i], text));
    });
}

function drawSpark() {
    const most = Math.max(1, ...spark.flat());
    ["in", "out"].forEach((name, way) => {
        const height = (rates) => (30.5 - (29 * rates[way]) / most).toFixed(1);
        const points = spark.map((rates, i) => `${spark_samples - spark.length + i},${height(rates)}`);
        mark(find("spark").querySelector(`.${name}`), "points", points.join(" "));
    });
}

function showTraffic(status) {
    const traffic = object(status.traffic);
    const rate = (way) => `${bytes(traffic[`bytes_${way}_per_s`])}/s · ${bytes(traffic[`bytes_${way}`])} in all`;
    terms(find("traffic"), [
        ["In", rate("in")],
        ["Out", rate("out")],
        ["Messages", String(number(traffic.messages))],
        ["Connections", String(number(traffic.connections))],
    ]);
    spark.push([number(traffic.bytes_in_per_s), number(traffic.bytes_out_per_s)]);
    spark.splice(0, spark.length - spark_samples);
    drawSpark();
}

function showTotals(status, now) {
    const totals = list(status.totals).slice(0, 100).map(object);
    find("totals").previousElementSibling.hidden = totals.length > 0;
    fill(find("totals"), totals, () => make("li", {}, make("span"), make("code")), (li, total) => {
        const who = count(number(total.contributors), "contributor", "contributors");
        write(li.firstChild, `${who}, ${time(total.at, now)}`);
        write(li.lastChild, clean(total.digest, 128));
    });
}

function showLedger(status, now) {
    const ledger = status.ledger;
    const isThere = ledger !== null && typeof ledger === "object";
    find("ledger").previousElementSibling.hidden = isThere;
    terms(find("ledger"), !isThere ? [] : [
        ["Origin", clean(ledger.origin, 200)],
        ["Checkpoint", `${count(number(ledger.size), "entry", "entries")}, ${time(ledger.at, now)}`],
        ["Root", clean(ledger.root, 128)],
    ]);
}

function showFoot(status, now) {
    const skew = now - Date.now();
    const difference = `${duration(Math.abs(skew))} ${skew > 0 ? "ahead of" : "behind"}`;
    const parts = [
        `veilsum ${clean(status.version, 40)}`,
        status.started ? `board up since ${time(status.started, now)}` : "",
        Math.abs(skew) > skew_worth_saying_ms ? `its clock is ${difference} this device's` : "",
    ];
    write(find("foot"), parts.filter(Boolean).join(" · "));
}

function show(status) {
    const now = clock();
    showAbout(status);
    showNow(status, now);
    showResult(status.result);
    showMatrix(status, now);
    showRefused(status, now);
    showTraffic(status);
    showTotals(status, now);
    showLedger(status, now);
    showWords(find("words"), object(status.plan).words, clean(object(status.plan).title, 2000));
    showFoot(status, now);
    find("main").hidden = false;
}

async function fetchStatus() {
    const signal = AbortSignal.timeout(answer_timeout_ms);
    const response = await fetch(address, {cache: "no-store", redirect: "error", signal});
    board.why = `The board answers with an error (${response.status}).`;
    const text = response.ok ? await response.text() : "";
    board.why = response.ok ? "What the board answers is not a status that this page can read." : board.why;
    const status = object(JSON.parse(text));
    if (status.veilsum_status !== 1) {
        throw new Error(board.why);
    }
    return status;
}

/* What is said of a board that does not answer; what it said last stays on the page. */
function showFailure() {
    const isFailing = board.failures > 0;
    find("stale").hidden = !isFailing;
    document.body.classList.toggle("stale", isFailing);
    if (!isFailing) {
        return;
    }
    const now = Date.now();
    const next = `Next try in ${duration(board.next - performance.now())}.`;
    const heard = board.heard === null ? "" : `Last heard at ${time(new Date(board.heard).toISOString(), now)}, ` +
        `${duration(now - board.heard)} ago; what follows is from then. `;
    write(find("stale-what"), board.why);
    write(find("stale-since"), heard + next);
    if (board.failures === 1) {
        write(find("announce"), board.why);
    }
    find("main").hidden = false;
}

function take(status) {
    Object.assign(board, {status, at: performance.now(), heard: Date.now()});
    show(status);
    board.failures = 0;
}

/* A thousand parties are to cost the board and the reader little; a board in trouble is asked less and less often. */
function pause(took_ms) {
    const wait = board.failures > 0 ? Math.min(longest_interval_ms, interval_ms * 2 ** board.failures) : 4 * took_ms;
    return Math.max(document.hidden ? hidden_interval_ms : interval_ms, wait);
}

async function ask() {
    if (board.isAsking) {
        return;
    }
    board.isAsking = true;
    clearTimeout(board.timer);
    const begun = performance.now();
    board.why = "The board is not reachable.";
    try {
        take(await fetchStatus());
    } catch {
        board.failures++;
    }
    board.isAsking = false;
    const delay = pause(performance.now() - begun);
    board.next = performance.now() + delay;
    board.timer = setTimeout(ask, delay);
    showFailure();
}

setInterval(() => {
    if (board.status && !document.hidden) {
        tick(board.status, clock());
    }
    showFailure();
}, 1000);
document.addEventListener("visibilitychange", () => document.hidden || ask());
window.addEventListener("online", ask);
find("ask").addEventListener("click", ask);
ask();
