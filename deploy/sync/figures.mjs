// What figures are made of and how they are shown.

export function median(list) {
  const s = [...list].sort((a, b) => a - b);
  return s.length === 0 ? NaN : (s[(s.length - 1) >> 1] + s[s.length >> 1]) / 2;
}

export const worst = (list) => Math.max(...list);

// say tells how far it is, beside the figures.
export function say(text) {
  process.stderr.write(`bench.sh: ${text}\n`);
}

// table lines columns up.
export function table(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((r) => String(r[i]).length)));
  return rows.map((r) => r.map((c, i) => (i === 0 ? String(c).padEnd(widths[i]) : String(c).padStart(widths[i]))).join("  ")).join("\n");
}
