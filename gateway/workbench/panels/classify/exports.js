// Writes down accepted symbols for other programs.

import { call } from "../../calls.js";
import { t } from "../../texts.js";

/** Write symbols as lines to be pasted. */
export function asText(symbols) {
  return symbols.map(({ symbol, role }) => `${symbol} (${t(`classify.role.${role}`)})`).join("\n");
}

/** Write symbols as a JSON document. */
export function asJson(symbols, edition) {
  const written = symbols.map(({ symbol, role, title, score }) => ({ symbol, role, title, ...(score === null ? {} : { score }) }));
  return `${JSON.stringify({ edition, symbols: written }, null, 2)}\n`;
}

/** Write symbols as CSV (RFC 4180), marked as UTF-8 for spreadsheets. */
export function asCsv(symbols, edition) {
  const head = ["symbol", "role", "title", "score", "edition"];
  const rows = symbols.map(({ symbol, role, title, score }) => [symbol, role, title, score ?? "", edition ?? ""]);
  return `\ufeff${[head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** Have symbols written as ST.96 XML by the service. */
export function asSt96(symbols, signal) {
  const json = { symbols: symbols.map(({ symbol, role }) => ({ symbol, role })) };
  return call("/api/v1/ipc/st96", { json, accept: "application/xml", as: "blob", signal });
}

// A spreadsheet takes what begins so for a formula, and would run it.
function cell(value) {
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
