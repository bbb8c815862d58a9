// A file of a message or of a post, as what shows or plays it needs it: it does not know where the file stands.

import type { FileProgressNotice, FileRecord, Message, PostFile, PostShown } from '../api/types';
import type { OpenChannel } from '../channels/open_channel.svelte';
import { channelName } from '../channels/words';
import type { Conversation } from '../chat/conversation.svelte';

export interface ShownFile {
  /** Its own in all of the page. */
  key: string;
  record: FileRecord;
  /** Who has sent it, and when. */
  who: string;
  time: number;
  /** What stands under it. */
  words: Pick<Message, 'text' | 'spans' | 'mentions'>;
  /** The whole file, of no kind; fetched if it has to be. */
  get(): Promise<Blob>;
  progress(): FileProgressNotice | undefined;
}

/** `message` has a file. */
export function fileOfMessage(conversation: Conversation, message: Message): ShownFile {
  const { transfers } = conversation.app;
  const { chat } = conversation.chat;
  return {
    key: `${chat}/${message.id}`,
    record: message.file!,
    who: conversation.nameOf(message),
    time: message.sent_at,
    words: message,
    get: () => transfers.get(chat, message.id),
    progress: () => transfers.progressOf(chat, message.id),
  };
}

export function fileOfPost(open: OpenChannel, post: PostShown, { id, file }: PostFile): ShownFile {
  const { transfers } = open.app;
  const { channel } = open.channel;
  return {
    key: `${channel}/${post.post}/${id}`,
    record: file,
    who: channelName(open.channel),
    time: post.posted,
    words: post,
    get: () => transfers.getOfPost(channel, post.post, id),
    progress: () => transfers.progressOf(channel, id),
  };
}
