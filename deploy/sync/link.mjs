// The network of a bench: a proxy on the loopback address that counts what goes over it, cuts connections by a seeded
// schedule, and can be as slow as a phone far from the mast.

import { createServer, connect } from "node:net";

// dice gives numbers from 0 to 1, the same for the same seed (xorshift, 32 bits).
export function dice(seed) {
  let x = (seed * 2654435761 + 1) >>> 0 || 1;
  return () => {
    x ^= x << 13;
    x >>>= 0;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    return x / 4294967296;
  };
}

// slow is a link of 2G: 50 kbit/s each way, 800 ms there and back, one of twenty packets lost.
export const slow = { bitsPerS: 50_000, roundTripMs: 800, loss: 0.05 };

// What a packet holds and what it carries beside that, in bytes: Ethernet's usual length, IPv4 and TCP with time stamps.
const segment = 1348;
const envelope = 52;

// What TLS 1.3 costs beside its round trip, in bytes: hello and finish; and, on a device's first connection, two certificates.
const hello = 600;
const certificates = 3000;

// gathering is how long pieces of one burst may be apart, in milliseconds.
const gathering = 10;

// tail is how many packets have to follow a lost one for the sender to hear of it within a round trip: three duplicate
// acknowledgements (RFC 5681). Otherwise its timer runs out, after two round trips (RFC 8985) and never sooner than a
// second, which is what it begins with (RFC 6298).
const tail = 3;

// Pipe is one direction of a slow connection. Packets arrive in their order: one that is lost holds up all behind it until
// it was sent again. The window is not modelled: the ten packets that TCP begins with are more than this link holds.
class Pipe {
  free = 0; // when the link has sent all it was given
  due = 0; // when the last packet arrives
  burst = []; // what was handed over and not sent yet

  constructor(shape, random) {
    this.shape = shape;
    this.random = random;
  }

  // arrival is when the last of so many bytes is there, handed over now.
  arrival(bytes, now, timer = Math.max(1000, 2 * this.shape.roundTripMs)) {
    const { bitsPerS, roundTripMs, loss } = this.shape;
    const packets = Math.max(1, Math.ceil(bytes / segment));
    for (let i = 0; i < packets; i++) {
      const length = Math.min(segment, bytes - i * segment) + envelope;
      const ms = (length * 8000) / bitsPerS;
      this.free = Math.max(this.free, now) + ms;
      let there = this.free + roundTripMs / 2;
      const heard = packets - 1 - i >= tail ? roundTripMs : timer;
      for (let wait = heard; this.random() < loss; wait *= 2) {
        this.free += ms; // it takes the link once more
        there += wait + ms;
      }
      this.due = Math.max(this.due, there);
    }
    return this.due;
  }
}

// Link is a proxy before one server.
export class Link {
  bytes = 0; // both ways
  requests = 0;
  connections = 0;
  offline = false;
  fate = () => "pass"; // of each request: pass, lost before it arrives, or deaf: its answer is lost
  sockets = new Set();
  known = false; // the device has connected before, and resumes TLS

  constructor(target, { shape, seed = 1 } = {}) {
    this.target = new URL(target);
    this.shape = shape;
    this.random = dice(seed);
  }

  async open() {
    this.server = createServer((socket) => this.carry(socket));
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.base = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  carry(down) {
    this.connections++;
    down.on("error", () => down.destroy());
    if (this.offline) return down.destroy();
    down.setNoDelay(true);
    const up = connect({ host: this.target.hostname, port: Number(this.target.port), noDelay: true });
    const end = () => {
      this.sockets.delete(end);
      down.destroy();
      up.destroy();
    };
    this.sockets.add(end);
    let deaf = false;
    let rest = "";
    const [out, back] = this.shape ? [new Pipe(this.shape, this.random), new Pipe(this.shape, this.random)] : [];
    if (this.shape) this.shake(out, back);
    down.on("data", (chunk) => {
      this.bytes += chunk.length;
      const text = rest + chunk.toString("latin1");
      const begun = text.split(" HTTP/1.1\r\n").length - 1;
      rest = begun > 0 ? "" : text.slice(-10);
      for (let i = 0; i < begun; i++) {
        this.requests++;
        const fate = this.fate();
        if (fate === "lost") return end();
        deaf ||= fate === "deaf";
      }
      this.deliver(out, chunk, () => up.write(chunk));
    });
    up.on("data", (chunk) => {
      if (deaf) return end();
      this.deliver(back, chunk, () => {
        this.bytes += chunk.length;
        down.write(chunk);
      });
    });
    for (const [one, pipe] of [[down, out], [up, back]]) {
      one.on("error", end);
      one.on("close", () => this.deliver(pipe, "", end));
    }
  }

  // shake holds the first packet up by the handshakes of TCP and TLS.
  shake(out, back) {
    const now = performance.now();
    const heard = back.arrival(0, out.arrival(0, now, 1000), 1000);
    const greeted = back.arrival(hello + (this.known ? 0 : certificates), out.arrival(hello, heard));
    out.free = Math.max(out.free, greeted);
    this.known = true;
  }

  // deliver hands something over when it has arrived. What a program writes in pieces goes as one burst, as TCP fills its
  // packets.
  deliver(pipe, chunk, then) {
    if (!pipe) return then();
    pipe.burst.push([chunk.length, then]);
    if (pipe.burst.length > 1) return;
    setTimeout(() => {
      const all = pipe.burst.splice(0);
      const now = performance.now();
      const there = pipe.arrival(all.reduce((sum, [bytes]) => sum + bytes, 0), now);
      setTimeout(() => all.forEach(([, arrived]) => arrived()), Math.max(0, there - now));
    }, gathering);
  }

  // cut ends all connections.
  cut() {
    for (const end of [...this.sockets]) end();
  }

  // count runs something and says what went over the link meanwhile, and how long it took.
  async count(work) {
    const { bytes, requests } = this;
    const began = performance.now();
    await work();
    return { bytes: this.bytes - bytes, requests: this.requests - requests, ms: performance.now() - began };
  }

  async close() {
    this.offline = true;
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

// drops draws the fate of each request from a seed: one of five never arrives, one of five is never answered.
export function drops(seed) {
  const random = dice(seed);
  return () => {
    const x = random();
    return x < 0.2 ? "lost" : x < 0.4 ? "deaf" : "pass";
  };
}
