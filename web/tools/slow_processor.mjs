// A slow processor for a whole browser: all its processes are stopped and let on by turns. Chromium's own slow-down is about the
// page's main thread alone; the engine works in a worker, and what it stores passes through other processes.

import { spawn } from 'node:child_process';

const kTurnMs = 20;

// In a process of its own, so that what the test does is no part of the turns.
const kTurns = `
const [group, times, turn] = process.argv.slice(1).map(Number);
const wait = new Int32Array(new SharedArrayBuffer(4));
const sleep = (ms) => ms > 0 && Atomics.wait(wait, 0, 0, ms);
let [owner, ended] = [process.ppid, false];
process.on('SIGTERM', () => (ended = true));
const step = () => {
  try {
    if (ended || process.ppid !== owner) { process.kill(-group, 'SIGCONT'); process.exit(0); }
    const begun = performance.now();
    process.kill(-group, 'SIGCONT');
    sleep(turn / times);
    process.kill(-group, 'SIGSTOP');
    sleep((performance.now() - begun) * (times - 1)); // on a busy machine it has run for longer than it should have
  } catch { process.exit(0); }
  setImmediate(step);
};
step();
`;

/** Slows down the browser whose process group is `group`; gives what ends it. */
export function slowDown(group, times) {
  const turns = spawn(process.execPath, ['-e', kTurns, String(group), String(times), String(kTurnMs)], { stdio: 'ignore' });
  const over = new Promise((resolve) => turns.on('exit', resolve));
  return async () => {
    turns.kill('SIGTERM');
    await over;
  };
}
