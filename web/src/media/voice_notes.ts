// Sends what was recorded. What cannot be sent is not lost: it stays where it was recorded.

import type { Conversation } from '../chat/conversation.svelte';
import { sendFile } from '../files/sending';
import { t } from '../messages/t.svelte';

export async function sendNote(conversation: Conversation): Promise<void> {
  const { app, recorder } = conversation;
  const note = await recorder.stop();
  if (!note) {
    if (recorder.phase === 'idle') app.toasts.say(t('voice.too_short'));
    return;
  }
  const { blob, name, durationMs, waveform } = note;
  recorder.phase = 'sending';
  try {
    const media = { kind: 'voice' as const, duration_ms: durationMs, waveform };
    await sendFile(conversation, { name, prepare: () => Promise.resolve({ blob, media }) });
    if (recorder.note === note) recorder.cancel();
  } catch (error) {
    if (recorder.note !== note) return;
    if (error instanceof DOMException && error.name === 'AbortError') return recorder.cancel();
    recorder.phase = 'unsent';
    app.toasts.say(app.sentence(error), true);
  }
}
