// The site that a browser is given: the client as it was built, and the service behind the same origin. Answers of the
// service can be held back, and a killed browser is started again on the profile that it had.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";

const built = fileURLToPath(new URL("../..", import.meta.url));

export class Site {
  url = "";
  // hold is asked for each call to the service once that has answered; the answer goes on when it is fulfilled.
  hold: (path: string) => Promise<void> = () => Promise.resolve();
  streams = 0; // of events, that are open
  // heard is told of what a page tells the site itself.
  heard: (path: string) => void = () => undefined;
  private readonly server = createServer((request, response) => void this.serve(request, response));

  // root is the folder of the code that pages load, shell what each page is.
  constructor(
    private readonly api: string,
    private readonly root = built,
    private readonly shell = "<!doctype html><title>Naober</title>",
  ) {}

  async start(): Promise<void> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "/";
    try {
      if (path.startsWith("/sync/")) return await this.pass(path, request, response);
      if (path.startsWith("/tell/")) this.heard(path);
      const code = /\.m?js$/.test(path);
      response.setHeader("content-type", code ? "text/javascript" : "text/html");
      response.end(code ? readFileSync(join(this.root, normalize(path))) : this.shell);
    } catch (e) {
      if (!response.headersSent) response.writeHead(502);
      response.end();
      if (!response.destroyed) console.log(String(e));
    }
  }

  private async pass(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const left = new AbortController();
    response.on("close", () => left.abort());
    const { authorization = "", accept = "", "content-type": sent = "" } = request.headers;
    const answer = await fetch(this.api + path, {
      method: request.method ?? "GET",
      headers: { authorization, accept, "content-type": sent },
      signal: left.signal,
      ...(parts.length === 0 ? {} : { body: Buffer.concat(parts) }),
    });
    const type = answer.headers.get("content-type") ?? "";
    if (type.startsWith("text/event-stream") && answer.body !== null) {
      response.writeHead(answer.status, { "content-type": type });
      this.streams++;
      await answer.body.pipeTo(new WritableStream({ write: (part: Uint8Array) => void response.write(part) })).finally(() => this.streams--);
      return void response.end();
    }
    const body = Buffer.from(await answer.arrayBuffer());
    await this.hold(path);
    response.writeHead(answer.status, { "content-type": type }).end(body);
  }
}

// Chromium is a browser with a profile of its own.
export class Chromium {
  private readonly profile = mkdtempSync(join(tmpdir(), "naober-chromium-"));
  private process: ChildProcess | undefined;
  private browser: Browser | undefined;

  async start(): Promise<void> {
    const program = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
    if (!existsSync(program)) throw new Error(`there is no ${program}: apt-get install chromium, or name one in CHROMIUM`);
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
    const more = ["--disable-component-update", "--disable-sync", "--remote-debugging-port=0", `--user-data-dir=${this.profile}`, "about:blank"];
    // A group of its own, so that all of its processes can be killed at once.
    const started = spawn(program, [...flags, ...more], { detached: true, stdio: ["ignore", "ignore", "pipe"] });
    this.process = started;
    const address = await new Promise<string>((resolve, reject) => {
      started.once("exit", () => reject(new Error("chromium ended")));
      createInterface({ input: started.stderr }).on("line", (line) => {
        const found = /DevTools listening on (\S+)/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    this.browser = await chromium.connectOverCDP(address);
  }

  async page(site: Site): Promise<Page> {
    const context = this.browser?.contexts()[0];
    if (context === undefined) throw new Error("chromium is not started");
    const page = await context.newPage();
    await page.goto(site.url);
    return page;
  }

  // kill ends all processes of the browser as a crash of the machine does: none of them can finish anything.
  kill(): void {
    if (this.process?.pid !== undefined && this.runs()) process.kill(-this.process.pid, "SIGKILL");
  }

  async killed(): Promise<void> {
    if (this.process !== undefined && this.runs()) await once(this.process, "exit");
  }

  async end(): Promise<void> {
    this.kill();
    await this.killed();
    await this.browser?.close().catch(() => undefined);
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  private runs(): boolean {
    return this.process?.exitCode === null && this.process.signalCode === null;
  }
}
