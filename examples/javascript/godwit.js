// Talks to `godwit serve`: JSON-RPC lines on its socket. docs/protocol/api.md lists methods and notices.
//
//   const godwit = await Godwit.connect();
//   for await (const { chat, message } of godwit.messages()) await godwit.call("send_text", { chat, text: "Hello" });

"use strict";

const fs = require("node:fs");
const net = require("node:net");
const os = require("node:os");
const path = require("node:path");

/** A method was refused: `name` says why (docs/protocol/api.md, "Errors"), `action` what to do. */
class Refused extends Error {
  constructor(error) {
    super(error.message);
    this.name = error.data?.name ?? "";
    this.action = error.data?.action ?? "";
  }
}

/** The folder that `godwit` takes if it is not given --profile. */
function defaultProfile() {
  const data = process.env.XDG_DATA_HOME ?? "";
  return path.join(data.startsWith("/") ? data : path.join(os.homedir(), ".local/share"), "godwit");
}

/** Where net connects to, of a place as `godwit serve` prints it: unix:/path or tcp:127.0.0.1:8000. */
function addressOf(place) {
  const [, host, port] = /^tcp:(.*):(\d+)$/.exec(place) ?? [];
  return host ? { host, port: Number(port) } : { path: place.replace(/^unix:/, "") };
}

/** JSON whose texts are well-formed: half of a surrogate pair, as slice() leaves it, is no text for anybody else. */
function toLine(value) {
  return JSON.stringify(value, (_, each) => (typeof each === "string" ? each.replace(/\p{Cs}/gu, "\ufffd") : each)) + "\n";
}

/** One connection. It keeps the program running until close(). */
class Godwit {
  #socket;
  #waiting = new Map(); // by id: who waits for the answer
  #notices = [];
  #wake = () => {};
  #lastId = 0;
  #ended = null;

  /**
   * Connects to the `godwit serve` of a profile; to `place`, as it has printed it, if it was given --socket or --port.
   * Fails if it does not run.
   */
  static async connect(profile = defaultProfile(), place = "unix:" + path.join(profile, "api/socket")) {
    try {
      const token = fs.readFileSync(path.join(profile, "api/token"), "ascii").trim();
      const godwit = new Godwit(net.createConnection(addressOf(place)));
      await godwit.call("authenticate", { token });
      await godwit.call("subscribe", { notices: [] });
      return godwit;
    } catch (error) {
      if (error instanceof Refused) throw error;
      throw new Error(`\`godwit serve\` does not run with this profile (${error.message})`);
    }
  }

  constructor(socket) {
    this.#socket = socket;
    let rest = Buffer.alloc(0);
    socket.on("data", (piece) => {
      rest = Buffer.concat([rest, piece]);
      for (let end; (end = rest.indexOf(10)) >= 0; rest = rest.subarray(end + 1)) {
        this.#take(JSON.parse(rest.subarray(0, end).toString()));
      }
    });
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => this.#end(new Error("godwit serve has ended")));
  }

  /** Calls a method; gives its result. Fails with Refused if it cannot be done. */
  call(method, params = {}) {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(toLine({ jsonrpc: "2.0", id, method, params }));
    });
  }

  /** Ends the connection. */
  close() {
    this.#socket.destroy();
    this.#end(new Error("closed"));
  }

  /** The next notice, as { method, params }. Only those come that were chosen with call("subscribe", { notices: [...] }). */
  async nextNotice() {
    while (this.#notices.length === 0) {
      if (this.#ended) throw this.#ended;
      await new Promise((resolve) => (this.#wake = resolve));
    }
    return this.#notices.shift();
  }

  /**
   * What others have sent, as { chat, message }: first what is unread, then what comes in. A message counts as read when
   * the next one is asked for: one that was being handled in a crash comes again. The read mark is the profile's: one bot
   * for each profile.
   */
  async *messages() {
    await this.call("subscribe", { notices: ["message_received"] });
    const done = new Map();
    const markRead = async (chat, message) => {
      await this.call("mark_read", { chat, through: message.position });
      done.set(chat, message.position);
    };
    for (const { chat, read } of (await this.call("list_chats")).chats) {
      done.set(chat, read);
      for (const message of await this.#unread(chat, read)) {
        yield { chat, message };
        await markRead(chat, message);
      }
    }
    for (;;) {
      const { method, params } = await this.nextNotice();
      if (method !== "message_received") continue;
      const { chat, message } = params;
      if (message.own || message.position <= (done.get(chat) ?? 0)) continue;
      yield { chat, message };
      await markRead(chat, message);
    }
  }

  async #unread(chat, read) {
    let found = [];
    for (let before = null; ; before = found[0].position) {
      const page = (await this.call("read_history", { chat, before, count: 100 })).messages;
      found = [...page, ...found];
      if (page.length === 0 || page[0].position <= read) {
        return found.filter((each) => each.position > read && !each.own && each.kind !== "line");
      }
    }
  }

  #take(line) {
    if ("method" in line) {
      this.#notices.push(line);
      this.#wake();
      return;
    }
    if (line.id === null) {
      // Nobody can tell whose request that was, nor whether there will be an answer to another.
      this.#socket.destroy();
      this.#end(new Refused(line.error));
      return;
    }
    const { resolve, reject } = this.#waiting.get(line.id) ?? {};
    this.#waiting.delete(line.id);
    if (line.error) reject?.(new Refused(line.error));
    else resolve?.(line.result);
  }

  #end(error) {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
    this.#wake();
  }
}

module.exports = { Godwit, Refused };
