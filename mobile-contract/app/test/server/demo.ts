// A real service with an invented village, in a folder of its own, and who lives there.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Part {
  readonly part: string;
  readonly person: string;
  readonly firstName: string;
  readonly mail: string;
  readonly community: string;
}

export class Demo {
  readonly folder = mkdtempSync(join(tmpdir(), "naober-app-"));
  readonly cast = new Map<string, Part>();
  api = "";
  control = "";
  offset = 0; // how far the demo's clock is ahead of the machine's, in milliseconds
  private process: ChildProcess | undefined;

  // start starts the program that the variable NAOBER names, or starts it again where it was before.
  async start(...more: string[]): Promise<void> {
    const port = this.api === "" ? "0" : new URL(this.api).port;
    const process = spawn(binary(), ["demo", "--dir", this.folder, "--port", port, "--no-neighbours", "--term", "200ms", ...more], { stdio: ["ignore", "pipe", "inherit"] });
    this.process = process;
    const ended = once(process, "exit").then(() => {
      throw new Error("the demo ended");
    });
    ended.catch(() => undefined);
    const lines = createInterface({ input: process.stdout });
    await Promise.race([ended, new Promise<void>((resolve) => lines.on("line", (line) => line === "ready" && resolve()))]);
    const ports = JSON.parse(readFileSync(join(this.folder, "ports.json"), "utf8")) as { api: string; control: string };
    this.api = ports.api;
    this.control = ports.control;
    for (const part of await this.ask<Part[]>("/cast")) this.cast.set(part.part, part);
    await this.readClock(await this.ask("/clock"));
  }

  // stop ends it as an operator does.
  async stop(): Promise<void> {
    const ended = this.process?.exitCode === null ? once(this.process, "exit") : undefined;
    this.process?.kill("SIGTERM");
    await ended;
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  // backup runs naober backup on the demo's store.
  backup(...args: string[]): void {
    const env = { ...process.env, NAOBER_STORE: join(this.folder, "store"), NAOBER_SECRET_FILE: join(this.folder, "secret") };
    const done = spawnSync(binary(), ["backup", ...args], { env, encoding: "utf8" });
    if (done.status !== 0) throw new Error(`naober backup ${args.join(" ")}: ${done.stdout}${done.stderr}`);
  }

  // advance moves the service's clock forward.
  async advance(by: string): Promise<void> {
    await this.readClock(await this.ask("/clock", { advance: by }));
  }

  async settle(): Promise<void> {
    await this.ask("/settle", {});
  }

  now(): number {
    return Date.now() + this.offset;
  }

  private readClock({ now }: { now: string }): void {
    this.offset = Date.parse(now) - Date.now();
  }

  // ask calls the control port.
  async ask<T>(path: string, body?: unknown): Promise<T> {
    const answer = await fetch(this.control + path, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  part(name: string): Part {
    const part = this.cast.get(name);
    if (part === undefined) throw new Error(`nobody is called ${name}`);
    return part;
  }
}

function binary(): string {
  const { NAOBER } = process.env;
  if (NAOBER === undefined) throw new Error("NAOBER names the program to test against: go build -o naober ./api/cmd/naober");
  return NAOBER;
}
