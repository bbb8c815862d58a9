// A seat in a room of a unit: what it wishes, one after the other, each with its number, so that one whose answer was lost is said again and done once.

import type { CallRoomAnswerResult, CallRoomStream, CallRoomWish } from '../api/types';
import { CallFailed } from '../api/client';

/** Where a room is: at the home of that account. */
export interface RoomPlace {
  home: string;
  room: string;
}

export interface Wish {
  seat: string;
  number: number;
  wish: CallRoomWish;
  text?: string;
  streams?: CallRoomStream[];
}
export type AskRoom = (wish: Wish) => Promise<CallRoomAnswerResult>;

const kTries = 4;
const kAgainMs = 1_500;
const kSilentMs = 15_000; // a home that is not reached says nothing at all

export class RoomSeat {
  private readonly seat = [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, '0')).join('');
  private number = 0;
  private work: Promise<unknown> = Promise.resolve();
  private left = false;

  constructor(
    private readonly send: AskRoom,
    private readonly againMs = kAgainMs,
  ) {}

  ask(wish: CallRoomWish, more: { text?: string; streams?: CallRoomStream[] } = {}): Promise<CallRoomAnswerResult> {
    const asked = this.work.then(() => this.askNow(wish, more));
    this.work = asked.catch(() => undefined);
    return asked;
  }

  /** The last wish: nothing is asked any more. */
  leave(): void {
    void this.ask('leave').catch(() => undefined);
    this.left = true;
  }

  private async inTime<Said>(said: Promise<Said>): Promise<Said> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error('the home of the room is silent')), kSilentMs)));
    return Promise.race([said, late]).finally(() => clearTimeout(timer));
  }

  private async askNow(wish: CallRoomWish, more: { text?: string; streams?: CallRoomStream[] }): Promise<CallRoomAnswerResult> {
    const number = ++this.number;
    for (let tries = 1; ; tries++) {
      try {
        return await this.inTime(this.send({ seat: this.seat, number, wish, ...more }));
      } catch (error) {
        const passes = error instanceof CallFailed && error.action === 'retry_later';
        if (!passes || tries === kTries || this.left) throw error;
        await new Promise((resolve) => setTimeout(resolve, this.againMs * tries));
      }
    }
  }
}
