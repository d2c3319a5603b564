// Calls the gateway's API. The key lives in this module's memory alone, and goes when the page does.

const UNREACHABLE = "unreachable";
const PING_MILLISECONDS = 2000;

let key = null;
let isAway = false;

/** Tells of `away` (the server does not answer), `back` and `refused` (the key is no longer taken). */
export const connection = new EventTarget();

/** What went wrong, as the server's problem document says it; `code` is `unreachable` where no answer came. */
export class Problem extends Error {
  constructor(document, retryAfter = null) {
    super(document.detail ?? document.title ?? document.code);
    this.code = document.code;
    this.status = document.status ?? 0;
    this.detail = document.detail ?? "";
    this.details = document.details ?? [];
    this.correlationId = document.correlationId ?? null;
    this.retryAfter = retryAfter;
  }

  /** Whether the server, or what stands behind it, is away for now. */
  get isAway() {
    return this.code === UNREACHABLE || [502, 503, 504].includes(this.status);
  }
}

/** Use a key from now on; `null` forgets it. */
export function useKey(secret) {
  key = secret;
}

/**
 * Call the API and return what it answers: a JSON document, or with `as` "blob", "text" or "response" that.
 *
 * `json` or `form` (FormData) is sent as the body, `query` as parameters (those undefined or "" are left out, lists are
 * repeated); `secret` is a key to try. Throws Problem; an aborted `signal` throws the browser's AbortError.
 */
export async function call(path, { method, json, form, query, accept, as = "json", signal, secret = key } = {}) {
  const headers = { Accept: accept ?? "application/json" };
  if (secret !== null) headers["API-Key"] = secret;
  if (json !== undefined) headers["Content-Type"] = "application/json";
  const body = json !== undefined ? JSON.stringify(json) : form;
  const asked = { method: method ?? (body === undefined ? "GET" : "POST"), headers, body, signal };
  const answer = await reach(path + parameters(query), { ...asked, cache: "no-store", credentials: "omit" });
  if (!answer.ok) throw await problemOf(answer);
  if (as === "response") return answer;
  return answer.status === 204 ? null : answer[as]();
}

async function reach(url, asked) {
  try {
    const answer = await fetch(url, asked);
    returned();
    return answer;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    left();
    throw new Problem({ code: UNREACHABLE });
  }
}

async function problemOf(answer) {
  const isDocument = answer.headers.get("Content-Type")?.startsWith("application/problem+json");
  const document = isDocument ? await answer.json() : { code: "unknown", status: answer.status };
  if (answer.status === 401 && key !== null) connection.dispatchEvent(new Event("refused"));
  return new Problem(document, Number(answer.headers.get("Retry-After")) || null);
}

function parameters(query = {}) {
  const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
  const written = new URLSearchParams(pairs.filter(([, value]) => value !== undefined && value !== null && value !== ""));
  return written.size ? `?${written}` : "";
}

function left() {
  if (isAway) return;
  isAway = true;
  connection.dispatchEvent(new Event("away"));
  setTimeout(ping, PING_MILLISECONDS);
}

function returned() {
  if (!isAway) return;
  isAway = false;
  connection.dispatchEvent(new Event("back"));
}

async function ping() {
  try {
    await fetch("/livez", { cache: "no-store" });
    returned();
  } catch {
    setTimeout(ping, PING_MILLISECONDS);
  }
}

