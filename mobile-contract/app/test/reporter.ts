// Prints results as go test does, so that deploy/test.sh counts them alike, and each failure with its reason.

interface TestEvent {
  type: string;
  data: { name?: string; nesting?: number; skip?: unknown; details?: { type?: string; duration_ms?: number; error?: Error & { cause?: unknown } }; message?: string };
}

export default async function* reporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    if (type === "test:stderr" || type === "test:stdout") yield data.message ?? "";
    if ((type !== "test:pass" && type !== "test:fail") || data.details?.type === "suite") continue;
    const verdict = data.skip !== undefined ? "SKIP" : type === "test:pass" ? "PASS" : "FAIL";
    const seconds = ((data.details?.duration_ms ?? 0) / 1000).toFixed(2);
    yield `${"    ".repeat(data.nesting ?? 0)}--- ${verdict}: ${data.name ?? ""} (${seconds}s)\n`;
    if (verdict === "FAIL") {
      const error = data.details?.error;
      const cause = error?.cause;
      yield `${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause ?? error)}\n`;
    }
  }
}
