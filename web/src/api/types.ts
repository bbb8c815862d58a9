// Made by tools/generate_types.mjs from `godwit rpc --describe`. Do not edit.

export const kApiVersion = 1;
export const kLineSizeMax = 1048576;
export const kPendingMax = 1024;

// ---- values ----

/** base64url without padding (RFC 4648 §5) */
export type Bytes = string;
/** milliseconds since 1970-01-01 UTC */
export type Time = number;
/** a person: 64 hexadecimal digits */
export type AccountId = string;
/** a chat: 32 hexadecimal digits */
export type ChatId = string;
/** a message, the same on every device that has it: 32 hexadecimal digits */
export type MessageId = string;
/** where a message stands in this device's history of its chat: counts up from 1 */
export type Position = number;
/** a contact request on this device: 32 hexadecimal digits */
export type ContactRequestId = string;
/** an invite, or a link of a group: 32 hexadecimal digits */
export type InviteId = string;
/** a channel: 64 hexadecimal digits */
export type ChannelId = string;
/** a file at its home, for its operator: 64 hexadecimal digits */
export type BlobId = string;
/** a device of one's own account: 64 hexadecimal digits */
export type DeviceId = string;
/** a pack of stickers, the same for everybody who has it: 32 hexadecimal digits */
export type StickerPackId = string;
/** a call, the same on all devices that take part in it: 32 hexadecimal digits */
export type CallId = string;

/** How far a message of one's own has come. */
export type Delivery =
  /** safe on this device's disk */
  | 'queued'
  /** the receiver's home has it on its disk */
  | 'sent'
  /** the receiver's device has it on its disk */
  | 'delivered'
  /** the receiver has looked at it */
  | 'read'
  /** it lay at the home for 30 days: send it again if it still matters */
  | 'expired'
  /** it cannot be delivered: the receiver has cut this chat off, or its file could not be sent */
  | 'failed';

/** How this device is connected to its home. */
export type ConnectionState =
  /** no way to the home just now; it is tried again */
  | 'offline'
  /** a way to the home is being tried */
  | 'connecting'
  /** the home answers */
  | 'connected';

/** How the bytes are carried to a home. */
export type Carrier =
  /** directly, as a web site's connection */
  | 'wss'
  /** through a bridge, as a web site's connection */
  | 'bridge'
  /** through obfs4, which looks like nothing */
  | 'obfs4'
  /** through WebTunnel, behind somebody's web site */
  | 'webtunnel'
  /** through Snowflake, by browsers of volunteers */
  | 'snowflake'
  /** through Tor */
  | 'onion';

/** What a route shows to whoever watches the network. */
export type Look =
  /** as the route says */
  | 'as_given'
  /** its own name, reached at the address that worked last */
  | 'address'
  /** no server name */
  | 'nameless'
  /** the name of an ordinary site */
  | 'other_name';

/** Who told of a route. */
export type RouteSource =
  /** the link of the home or an invite */
  | 'invite'
  /** the user */
  | 'added'
  /** the home itself */
  | 'bulletin';

/** What the one who receives an error must do. */
export type Action =
  /** throw this one thing away; everything else goes on */
  | 'drop'
  /** the connection is of no use any more; another is made */
  | 'close_session'
  /** the same thing may succeed later, unchanged */
  | 'retry_later'
  /** somebody has to change something first */
  | 'fix'
  /** going on could lose data */
  | 'stop';

/** What somebody is in a chat; each may what the ones before it may. */
export type Role =
  /** not a member */
  | 'none'
  /** reads; what he writes is shown to nobody */
  | 'reader'
  /** reads and writes */
  | 'member'
  /** lets in, removes, changes name and settings */
  | 'admin'
  /** makes and unmakes admins and owners */
  | 'owner';

/** What a message is. */
export type MessageKind =
  /** a text */
  | 'text'
  /** a file, picture, video, voice note or sticker */
  | 'file'
  /** a place */
  | 'location'
  /** somebody is recommended */
  | 'contact'
  /** a question to all */
  | 'poll'
  /** somebody has changed what holds for the chat */
  | 'settings'
  /** made by a newer version of Godwit: it is kept, and this one cannot show it */
  | 'newer'
  /** nobody has said it: a quiet line about what was done to the group, or about a call */
  | 'line';

/** What a quiet line tells. Each has the fields that are named here. */
export type LineKind =
  /** `by` has made the group */
  | 'made'
  /** `by` has let `account` in */
  | 'added'
  /** `account` came by a link, with the help of `by` */
  | 'joined'
  /** `by` has removed `account` */
  | 'removed'
  /** `account` has left */
  | 'left'
  /** `by` has given `account` the role `role` */
  | 'role'
  /** `by` calls the group `text`, and no more `before` */
  | 'renamed'
  /** `by` has set who writes; `on`: admins alone */
  | 'writers'
  /** `by` has set the pause between two messages to `seconds` */
  | 'slow_mode'
  /** `by` has set whether who comes by a link waits for an admin; `on`: he does */
  | 'approval'
  /** `account` calls himself `name`, and no more `before` */
  | 'named'
  /** the group goes on at the home `text`, as `by` says */
  | 'log_moved'
  /** `account` had lost the thread of the group's keys and is back, with the help of `by` */
  | 'back'
  /** in a chat of two: `by` has called, and `call` says what came of it */
  | 'call';

/** What a file is for. */
export type MediaKind =
  /** just a file */
  | 'file'
  /** to be shown */
  | 'picture'
  /** to be played */
  | 'video'
  /** a voice note, to be played */
  | 'voice'
  /** of a pack of stickers */
  | 'sticker'
  /** a pack of stickers, for add_sticker_pack */
  | 'sticker_pack';

/** How a piece of a text looks. */
export type SpanStyle =
  /** bold */
  | 'bold'
  /** italic */
  | 'italic'
  /** struck through */
  | 'strike'
  /** code */
  | 'code'
  /** a block of code */
  | 'pre'
  /** leads to an address */
  | 'link'
  /** a quotation */
  | 'quote'
  /** hidden until it is tapped */
  | 'spoiler';

/** Where a call stands. */
export type CallState =
  /** this side calls, and nothing rings yet */
  | 'calling'
  /** this side calls, and a device of theirs rings */
  | 'ringing_there'
  /** it rings here: accept_call or decline_call */
  | 'ringing_here'
  /** accepted here, and the caller's device has not heard of it; this page offers already */
  | 'answering'
  /** two devices have it, and no media flow yet */
  | 'connecting'
  /** media flow */
  | 'active'
  /** media have stopped, or a program has begun anew: the page that offers offers again */
  | 'reconnecting'
  /** it goes on at another own device, which is asked for it: connecting follows, or over with stays */
  | 'taking'
  /** it is over: `outcome` says how */
  | 'over';

/** How a call ended. */
export type CallOutcome =
  /** they talked, and one of the two hung up */
  | 'answered'
  /** it came in, and nobody answered */
  | 'missed'
  /** whoever was called did not want to */
  | 'declined'
  /** whoever was called was in another call */
  | 'busy'
  /** this side called and gave up */
  | 'cancelled'
  /** this side called, and it rang to the end */
  | 'no_answer'
  /** another own device has answered or declined it */
  | 'elsewhere'
  /** it was answered, and no media came through */
  | 'failed'
  /** they talked, and the line did not come back */
  | 'lost'
  /** both called at once: the other one's call goes on, and has been answered by itself */
  | 'merged'
  /** of a group: there was no place in it */
  | 'full'
  /** of a group: this account is not in the group any more */
  | 'removed'
  /** it goes on at another own device */
  | 'moved'
  /** it was to be taken over here, and goes on where it was: one of the other two devices did not answer, or has an earlier version */
  | 'stays';

/** What somebody wants to send in a call. */
export type CallMedia =
  /** voice */
  | 'voice'
  /** voice and video */
  | 'video';

/** By which way the media of a call flow. */
export type CallWay =
  /** not known, or they do not */
  | 'none'
  /** from device to device: each sees the other's address */
  | 'direct'
  /** by a relay of a home, over UDP */
  | 'relayed'
  /** by a relay of a home, as a web site's connection */
  | 'relayed_tls'
  /** as the messages go */
  | 'carried';

/** What a page wants of a room of a unit. */
export type CallRoomWish =
  /** a relay to the unit, also when its credentials end */
  | 'enter'
  /** `text` is an offer with what this page sends; an answer comes */
  | 'publish'
  /** `streams` is all that it wants to be sent; an offer comes, or an empty text if nothing but layers has changed */
  | 'watch'
  /** `text` is the answer to the newest offer */
  | 'answer'
  /** it is there: half a minute without, and its seat is free */
  | 'stay'
  /** its seat is free */
  | 'leave';

/** Where a call of a group stands for this device. */
export type GroupCallState =
  /** others are in it, this device is not: join_group_call */
  | 'going'
  /** the same, and it rings here: join_group_call or ignore_group_call */
  | 'ringing'
  /** this device is in it */
  | 'here'
  /** nobody is in it, or this device has left it: `outcome` says how. If it goes on without this device, that is told next */
  | 'over';

// ---- records ----

/** One message as shown to people. */
export interface Message {
  /** its id */
  id: MessageId;
  /** its place in the chat */
  position: Position;
  /** true if this side sent it */
  own: boolean;
  /** who said it */
  author: AccountId;
  /** how he calls himself; empty of one who has left and is no contact */
  author_name: string;
  /** what it is */
  kind: MessageKind;
  /** what it says; under a file: its caption */
  text: string;
  /** the formatting of the text */
  spans: TextSpan[];
  /** whom the text names */
  mentions: Mention[];
  /** by the sender's clock */
  sent_at: Time;
  /** how far it has come; means something for own ones only */
  delivery: Delivery;
  /** messages stand in the order of (clock, id), the same on every device */
  clock: number;
  /** the message that it answers; this device may not have it */
  reply_to: MessageId | null;
  /** its sender has it from somebody else */
  forwarded: boolean;
  /** the most frequent first */
  reactions: Reaction[];
  /** how often it was edited; read_edits shows how */
  edits: number;
  /** it was taken back; nothing else of it is left */
  deleted: Deleted | null;
  /** pinned for all */
  pinned: boolean;
  /** members that have it; of own ones only */
  delivered_to: number;
  /** members that have read it; of own ones only */
  read_by: number;
  /** it disappears so long after it was sent or read; 0: it stays */
  expire_seconds: number;
  /** when it disappears, if that is known */
  expires_at: Time | null;
  /** of a file */
  file: FileRecord | null;
  /** of a poll */
  poll: Poll | null;
  /** of a place */
  location: LocationRecord | null;
  /** of a contact */
  contact: Contact | null;
  /** of a comment: the post of a channel that it is about */
  about: PostRef | null;
  /** of a link in the text: what the sender's program has said of it */
  preview: LinkPreview | null;
  /** of settings: after how long messages disappear from then on */
  disappear_seconds: number | null;
  /** of a line: what it tells */
  line: Line | null;
  /** of a message in a chat that is only kept; else null */
  kept: Kept | null;
}

/** One chat as shown in a list. */
export interface Chat {
  /** its id */
  chat: ChatId;
  /** the other person; zeros: a group */
  peer: AccountId;
  /** as the peer calls himself; of a group, its own */
  name: string;
  /** the safety number was compared */
  verified: boolean;
  /** the peer has a device that nobody here knows of: acknowledge_devices */
  new_devices: boolean;
  /** the peer has lost all devices and is back by the recovery words, in this other chat; here nobody hears it */
  came_back_in: ChatId | null;
  /** this side's invite was taken: who took it is unverified until compared */
  inviter: boolean;
  /** both sides are in */
  ready: boolean;
  /** of any number of people, with roles and settings */
  group: boolean;
  /** a group of oneself alone: what one keeps for oneself */
  saved: boolean;
  /** false: we left, or were removed */
  member: boolean;
  /** how many accounts, one's own included */
  members: number;
  /** MLS epoch: how often the keys have changed */
  epoch: number;
  /** the newest message, 0: none */
  last: Position;
  /** read up to here on this side */
  read: Position;
  /** how many messages of others come after that, among the newest 4,096; lines do not count */
  unread: number;
  /** the newest message itself */
  newest: Message | null;
  /** what its owner has set for it */
  settings: ChatSettings;
  /** what is said from now on disappears after so long; 0: it stays */
  disappear_seconds: number;
  /** imported or restored: it is only read */
  kept: boolean;
  /** of a kept one: it is what was said in that chat before; else null */
  older_of: ChatId | null;
  /** it was deleted, and nothing was said in it since: show it in no list */
  hidden: boolean;
}

/** One route to the own home. */
export interface Route {
  /** as a URI */
  route: string;
  /** who told of it */
  source: RouteSource;
  /** the mailbox is connected by it */
  in_use: boolean;
  /** on this network connections by it do not last */
  small_only: boolean;
  /** when it last led to the home on this network */
  worked_at: Time | null;
}

/** The file of a message. What is in it never passes through this interface. */
export interface FileRecord {
  /** a name only: no folders, nothing hidden */
  name: string;
  /** what the sender says it is */
  mime: string;
  /** bytes */
  size: number;
  /** what is known of it as a picture, video, voice note or sticker */
  media: Media;
  /** it is being brought to the home: the message has not gone out yet */
  sending: boolean;
  /** it is being fetched from the home */
  fetching: boolean;
  /** it is to be brought to the home when pause_file says so */
  paused: boolean;
}

/** A mail account of the user. It is given, and never shown again. */
export interface MailAccount {
  /** what stands in From */
  address: string;
  /** smtps://host[:port] or smtp://host[:port], where letters are handed in */
  smtp: string;
  /** imaps://host[:port] or imap://host[:port], where they come */
  imap: string;
  /** of both */
  user: string;
  /** of both */
  password: string;
}

/** What a browser's push service has given out for this device. */
export interface WebPushTarget {
  /** https://..., at most 1,024 characters */
  endpoint: string;
  /** 65 bytes: what browsers call p256dh */
  key: Bytes;
  /** 16 bytes */
  auth: Bytes;
  /** of read_web_push, with which it was asked for */
  home_key: Bytes;
}

/** Of a message in a chat that is only kept. */
export interface Kept {
  /** who wrote it, as the export says; empty: a notice */
  sender: string;
  /** the name of its file in the profile's folder of media; if omitted, what it was called; empty: none */
  media: string;
  /** who wrote it first; empty: not forwarded */
  forwarded_from: string;
  /** there was a file, which is lost */
  omitted: boolean;
  /** somebody came, a name was changed and the like */
  notice: boolean;
  /** it was changed after it was sent */
  edited: boolean;
  /** its sender has removed it */
  deleted: boolean;
}

/** One reaction on a message that comes from elsewhere. */
export interface KeptReaction {
  /** an emoji or a word, at most 64 bytes */
  reaction: string;
  /** by how many */
  count: number;
  /** one of them is this side */
  own?: boolean | null;
  /** of some of them, at most 32 */
  names?: string[] | null;
}

/** One message that comes from elsewhere. */
export interface ImportEntry {
  /** empty: a notice */
  sender: string;
  /** true if this side sent it */
  own: boolean;
  /** when */
  sent_at: Time;
  /** at most 102,400 bytes of UTF-8 */
  text: string;
  /** the name of its file in the profile's folder of media; if omitted, what it was called; empty: none */
  media: string;
  /** empty: not forwarded */
  forwarded_from: string;
  /** there was a file, which is lost */
  omitted: boolean;
  /** no person wrote it */
  notice: boolean;
  /** it was changed after it was sent */
  edited: boolean;
  /** its sender has removed it */
  deleted: boolean;
  /** by which it is known again, if where it comes from has ids; null: by all of the above */
  id?: MessageId | null;
  /** what it is called where it comes from, for those that answer it; at most 256 bytes */
  key?: string | null;
  /** the key of the message that it answers */
  reply_to_key?: string | null;
  /** its formatting */
  spans?: TextSpan[] | null;
  /** at most 64 */
  reactions?: KeptReaction[] | null;
  /** it was, and nobody says from whom */
  forwarded?: boolean | null;
  /** without an id: so many that are equal in everything came before it in the whole import; null: they are counted within this batch alone */
  repeat?: number | null;
}

/** One message that fits. */
export interface FoundMessage {
  /** where it is */
  chat: ChatId;
  /** the message */
  message: Message;
}

/** A post that was searched for. */
export interface FoundPost {
  /** where it is */
  channel: ChannelId;
  /** the post */
  post: PostShown;
}

/** A picture that becomes a sticker. */
export interface NewSticker {
  /** its path on this machine, as in send_file: PNG, GIF or WebP, at most 512 KiB and 1,024 pixels each way */
  source: string;
  /** what it stands for, at most 64 bytes */
  emoji: string;
}

/** One sticker of a pack. */
export interface Sticker {
  /** what it stands for */
  emoji: string;
  /** image/png, image/gif or image/webp */
  mime: string;
  /** bytes */
  size: number;
  /** as the picture says, at most 1,024 */
  width: number;
  /** likewise */
  height: number;
}

/** A pack of stickers. */
export interface StickerPack {
  /** its id */
  pack: StickerPackId;
  /** as its maker has called it: two may be called alike */
  name: string;
  /** another own device has it, and this one is fetching it: there are no stickers yet */
  coming: boolean;
  /** in their order */
  stickers: Sticker[];
}

/** A piece of a text that is formatted. Places are counted in bytes of UTF-8. */
export interface TextSpan {
  /** where it begins */
  start: number;
  /** how long it is */
  length: number;
  /** how it looks */
  style: SpanStyle;
  /** of a link: where it leads; http, https or mailto */
  link?: string | null;
}

/** A piece of a text that names a person. */
export interface Mention {
  /** where it begins, in bytes of UTF-8 */
  start: number;
  /** how long it is */
  length: number;
  /** who */
  account: AccountId;
}

/** What its sender says of a page. Godwit has not looked, at neither end. */
export interface LinkPreview {
  /** http or https; it stands in the text as a word of its own */
  link: string;
  /** one line, at most 256 bytes */
  title: string;
  /** one line, at most 1,024 bytes */
  text?: string | null;
  /** a small picture: JPEG, at most 8 KiB */
  thumbnail?: Bytes | null;
}

/** A post of a channel. */
export interface PostRef {
  /** which channel */
  channel: ChannelId;
  /** its place there */
  post: number;
}

/** A file that goes with a post. */
export interface FileToPost {
  /** its path on this machine, as in send_file */
  source: string;
  /** as readers see it; left out: the last part of the path */
  name?: string | null;
  /** left out: guessed by the name */
  mime?: string | null;
  /** of a picture, video, voice note or sticker; left out: just a file */
  media?: Media | null;
}

/** A file of a post. */
export interface PostFile {
  /** for get_file, as `message` */
  id: MessageId;
  /** what it is */
  file: FileRecord;
}

/** A file that a reported post or message names. */
export interface ReportedFile {
  /** a name only */
  name: string;
  /** bytes */
  size: number;
  /** for `godwit-home remove blob` */
  blob: BlobId;
}

/** What a device of an account has signed. */
export interface ReportedMessage {
  /** whose device it is, as its device list shows */
  account: AccountId;
  /** which device has signed */
  device: DeviceId;
  /** the key of the home at which the account says that it lives */
  home: string;
  /** for which chat it was signed */
  chat: ChatId;
  /** names it in the chat */
  message: MessageId;
  /** what it is */
  kind: MessageKind;
  /** whether its author says that others have said it */
  forwarded: boolean;
  /** whether `text` and `posted` are of the last edit */
  edited: boolean;
  /** of an edited one: what it said first */
  original: string | null;
}

/** What is known of a picture, video, voice note or sticker. */
export interface Media {
  /** what it is for */
  kind: MediaKind;
  /** 0: not known */
  width?: number | null;
  /** 0: not known */
  height?: number | null;
  /** of a video or voice note */
  duration_ms?: number | null;
  /** of a voice note: at most 256 loudnesses in equal steps, a byte each */
  waveform?: Bytes | null;
  /** a small picture: JPEG, at most 16 KiB */
  thumbnail?: Bytes | null;
  /** of a sticker: the name of its pack; of a pack: its own */
  pack?: string | null;
  /** of a sticker: what it stands for */
  emoji?: string | null;
}

/** Who has given one reaction. */
export interface Reaction {
  /** an emoji or a word */
  reaction: string;
  /** by how many */
  count: number;
  /** one of them is this side */
  own: boolean;
  /** the latest of them, at most 32 */
  accounts: AccountId[];
  /** in a chat that is only kept: of some of them, as far as it says */
  names: string[];
}

/** A poll as it stands. */
export interface Poll {
  /** what is asked */
  question: string;
  /** in their order: votes name them by their number, from 0 */
  options: PollOption[];
  /** more than one may be chosen */
  multiple: boolean;
  /** when it ends by itself */
  closes_at: Time | null;
  /** it takes no votes any more */
  closed: boolean;
  /** how many have voted */
  voters: number;
}

/** One answer to a poll. */
export interface PollOption {
  /** what it says */
  text: string;
  /** how many have chosen it */
  votes: number;
  /** this side has */
  own: boolean;
}

/** A place (WGS 84). */
export interface LocationRecord {
  /** millionths of a degree; south is negative */
  latitude: number;
  /** millionths of a degree; west is negative */
  longitude: number;
  /** metres; 0: not known */
  accuracy_m: number;
  /** what it is called */
  name: string;
}

/** Somebody who is recommended. */
export interface Contact {
  /** as the sender calls him */
  name: string;
  /** his account, if the sender gave it */
  account: AccountId | null;
  /** an invite, an address, a number: whatever the sender gave */
  text: string;
}

/** That a message was taken back. */
export interface Deleted {
  /** who did */
  by: AccountId;
  /** an admin, not its author */
  by_admin: boolean;
}

/** What was done to a group, or a call. Names are those of then. Of a line all else that a message has means nothing, but for its id, place and time. */
export interface Line {
  /** what was done */
  what: LineKind;
  /** who has done it; null: this device does not know */
  by: AccountId | null;
  /** his name; empty: not known */
  by_name: string;
  /** it is this account */
  by_own: boolean;
  /** whom it is about, if it is about somebody */
  account: AccountId | null;
  /** his name */
  name: string;
  /** it is about this account */
  own: boolean;
  /** of role */
  role: Role | null;
  /** of renamed: the name of now; of log_moved: the host of the home */
  text: string;
  /** of renamed and named: the name of before */
  before: string;
  /** of slow_mode; 0: off */
  seconds: number | null;
  /** of writers and approval */
  on: boolean | null;
  /** of call: how it went */
  call: CallLine | null;
}

/** What its owner has set for a chat; nobody else sees it. */
export interface ChatSettings {
  /** no sound before */
  muted_until: Time | null;
  /** out of the way */
  archived: boolean;
  /** on top */
  pinned: boolean;
  /** as if something were new */
  marked_unread: boolean;
  /** what was begun */
  draft: string;
}

/** One version of a text. */
export interface Edit {
  /** what it said */
  text: string;
  /** by the sender's clock */
  sent_at: Time;
  /** its formatting */
  spans: TextSpan[];
  /** whom it names */
  mentions: Mention[];
}

/** How one member has taken a message. */
export interface Receipt {
  /** who */
  account: AccountId;
  /** when this device heard that he has it; null: not known when */
  delivered_at: Time | null;
  /** when this device heard that he has read it */
  read_at: Time | null;
  /** he has it */
  delivered: boolean;
  /** he has read it */
  read: boolean;
}

/** A message that waits for its time. */
export interface Scheduled {
  /** by which it is cancelled */
  number: number;
  /** when it goes out */
  at: Time;
  /** what it says */
  text: string;
  /** what it answers */
  reply_to: MessageId | null;
}

/** One member of a chat. */
export interface Member {
  /** who */
  account: AccountId;
  /** as he calls himself */
  name: string;
  /** what he is here */
  role: Role;
  /** how many devices he has here */
  devices: number;
  /** this account */
  own: boolean;
  /** something of him has come since he was let in */
  in: boolean;
}

/** An invite for one person that nobody has taken. */
export interface Invite {
  /** names it */
  invite: InviteId;
  /** when */
  made: Time;
  /** until when */
  expires: Time;
  /** to be handed to one person */
  link: string;
}

/** An invite for many. */
export interface OpenInvite {
  /** names it */
  invite: InviteId;
  /** how many may still take it; 0: any number */
  uses_left: number;
  /** until when */
  expires: Time;
  /** to be handed out */
  link: string;
}

/** A contact request that nobody has opened. */
export interface ContactRequest {
  /** names it */
  request: ContactRequestId;
  /** when it came */
  received: Time;
}

/** A channel. */
export interface Channel {
  /** names it */
  channel: ChannelId;
  /** as its owner calls it */
  name: string;
  /** what it is about */
  description: string;
  /** PNG or JPEG; empty: none */
  picture: Bytes;
  /** whether this profile writes into it */
  own: boolean;
  /** whether homes can read it */
  is_public: boolean;
  /** the newest entry that was read */
  last: number;
  /** whether all was read that its home had when it was last asked, since the program started */
  up_to_date: boolean;
  /** entries whose content its home does not give, and that its owner has not taken away */
  withheld: number;
  /** to be handed on */
  link: string;
  /** the link of the group in which it is talked about, for join_group; empty: none */
  discussion: string;
  /** why nothing more comes */
  trouble: ErrorRecord | null;
  /** posts up to this one were seen, here or on another own device */
  read: number;
  /** posts that were not; 1000: or more; of an own channel none */
  unread: number;
  /** the newest post that is here, for a list: 512 bytes of its text at most, and no small pictures or loudnesses of its files */
  newest: PostShown | null;
  /** its posts are not told before; null: they are */
  muted_until: Time | null;
}

/** A post. */
export interface PostShown {
  /** its place in the channel: counts up, with gaps */
  post: number;
  /** what it says */
  text: string;
  /** by its author's clock */
  posted: Time;
  /** whether it said something else before */
  edited: boolean;
  /** what goes with it */
  files: PostFile[];
  /** the formatting of the text */
  spans: TextSpan[];
  /** whom the text names */
  mentions: Mention[];
}

/** One device of one's own account. */
export interface Device {
  /** which */
  device: DeviceId;
  /** as own devices show it */
  name: string;
  /** true: this one */
  own: boolean;
  /** true: it is being added or removed */
  changing: boolean;
  /** when it came in */
  added_at: Time;
  /** when something last came from it; null: never, or this one */
  seen_at: Time | null;
}

/** A link of a group. */
export interface GroupLink {
  /** names it */
  link: InviteId;
  /** the admin who made it */
  keeper: AccountId;
  /** an admin looks at each who comes */
  approval: boolean;
  /** how many may come by it; 0: any number */
  uses: number;
  /** its last day, counted from 1970-01-01; 0: none */
  expires_day: number;
  /** this device keeps it */
  own: boolean;
  /** of an own one with uses: how many have come or asked */
  used: number;
  /** of an own one: to be handed out */
  text: string | null;
}

/** Somebody who waits to be let into a group. */
export interface JoinRequest {
  /** who; a device of the account has signed it */
  account: AccountId;
  /** as he calls himself */
  name: string;
  /** what he writes */
  greeting: string;
  /** when it came */
  received: Time;
}

/** The call of this device. */
export interface Call {
  /** which */
  call: CallId;
  /** where: a chat of two */
  chat: ChatId;
  /** the other account */
  peer: AccountId;
  /** as he calls himself */
  peer_name: string;
  /** which device of his; null: none has it yet. When it is another one than before, his call has gone over to it: this side's page begins with that one anew, says so by say_call_media once media flow with it, and lets those of before flow until then */
  device: DeviceId | null;
  /** this side has called */
  outgoing: boolean;
  /** where it stands */
  state: CallState;
  /** of over: how it ended; else null */
  outcome: CallOutcome | null;
  /** what is wished here */
  media: CallMedia;
  /** what is wished there */
  media_there: CallMedia;
  /** this side's page makes the offers, the first one and those after a change of network; else it answers them */
  offers: boolean;
  /** held by this side: nothing is sent or played */
  held_here: boolean;
  /** held by the other side: nothing is sent or played */
  held_there: boolean;
  /** how media flow, as this side's page has said */
  way: CallWay;
  /** the first ring */
  begun_at: Time;
  /** when media first flowed; null: not yet */
  active_at: Time | null;
  /** of over: how long they flowed; else 0 */
  duration_ms: number;
}

/** A call that is over, as the history has it. */
export interface CallLine {
  /** which */
  call: CallId;
  /** this account has called, by any of its devices */
  outgoing: boolean;
  /** how it ended */
  outcome: CallOutcome;
  /** what the caller wished */
  media: CallMedia;
  /** the first ring */
  begun_at: Time;
  /** how long media flowed */
  duration_ms: number;
}

/** One call of the past, and where it was. */
export interface PastCall {
  /** where */
  chat: ChatId;
  /** of the other side */
  name: string;
  /** the call */
  line: CallLine;
}

/** A call of two that another own device is in: take_over_call. */
export interface CallElsewhere {
  /** which */
  call: CallId;
  /** where: a chat of two */
  chat: ChatId;
  /** the other account */
  peer: AccountId;
  /** as he calls himself */
  peer_name: string;
  /** which own device */
  device: DeviceId;
  /** as it is called among the own devices */
  device_name: string;
  /** what is wished there */
  media: CallMedia;
  /** the first ring */
  begun_at: Time;
  /** when media first flowed */
  active_at: Time;
}

/** A relay, as a page's RTCPeerConnection takes it among its iceServers. */
export interface CallRelay {
  /** turns:... and turn:..., in the order of preference */
  urls: string[];
  /** for that relay alone */
  username: string;
  /** the same */
  credential: string;
  /** until when both are good */
  expires_at: Time;
}

/** What somebody in a room sends. */
export interface CallRoomStream {
  /** whose: `feed` of the answer to his publish */
  feed: number;
  /** the picture, else the voice */
  picture: boolean;
  /** of a picture in several sizes which one at most, 0 to 2; 0 if left out */
  layer?: number | null;
}

/** Where a stream stands in an offer of the unit. */
export interface CallRoomLine {
  /** the mid of its section */
  line: number;
  /** whose */
  feed: number;
  /** the picture, else the voice */
  picture: boolean;
}

/** A call of a group. */
export interface GroupCall {
  /** which */
  call: CallId;
  /** where: a group */
  chat: ChatId;
  /** of the group */
  name: string;
  /** who began it, as is said */
  by: AccountId;
  /** as he calls himself; empty: he is not in the group */
  by_name: string;
  /** where it stands */
  state: GroupCallState;
  /** of over: how it ended; else null */
  outcome: CallOutcome | null;
  /** of here: what is wished here; else what was wished by whoever was heard of first */
  media: CallMedia;
  /** the other devices that are in it, by their ids; of over: none */
  peers: GroupCallPeer[];
  /** there is no place for this device */
  full: boolean;
  /** so many devices may be in it: four, or 32 where a page in it has a room of a unit and all know what that is */
  places: number;
  /** when it began */
  begun_at: Time;
  /** of here: since when; else null */
  joined_at: Time | null;
  /** of over: how long this device was in it with others, or knew of others who were; else 0 */
  duration_ms: number;
}

/** Another device that is in a call of a group. */
export interface GroupCallPeer {
  /** whose */
  account: AccountId;
  /** as he calls himself */
  name: string;
  /** which: signals are said to it */
  device: DeviceId;
  /** another number each time that it comes in: nothing is left there of what was agreed before */
  join: number;
  /** what it wished when it came in */
  media: CallMedia;
  /** of a call that this device is in: this side's page makes the offers to it; else it answers them */
  offers: boolean;
}

/** What went wrong: `code` (a number, listed below), `name`, `action` (what to do), `rule` (which rule was broken, for programmers) and `message` (one sentence for people). */
export interface ErrorRecord {
  /** its number, listed below */
  code: number;
  /** its name, listed below */
  name: string;
  /** what to do */
  action: Action;
  /** which rule was broken, for programmers */
  rule: string;
  /** one sentence for people */
  message: string;
}

// ---- methods ----

/** Makes the account of this profile and opens its mailbox at a home. */
export interface NewAccountParams {
  /** what others are shown, 1 to 64 characters */
  name: string;
  /** as printed by `godwit-home invite`; or an invite or a group's link: then at the home of whoever gave it, if it takes people without a code */
  home_link: string;
}

/** Makes an invite for one person. Answered once the home holds the key package behind it. */
export type MakeInviteParams = Record<string, never>;

/** Lists the invites for one person that this device has made and that nobody has taken. */
export type ListInvitesParams = Record<string, never>;

/** Ends an invite for one person: nobody comes in by it any more. The home is told by itself, across restarts. */
export interface RevokeInviteParams {
  /** which */
  invite: InviteId;
}

/** Changes what others are shown as one's name, on all own devices. Within ten minutes each chat is told, and its members get member_renamed. */
export interface RenameAccountParams {
  /** 1 to 64 characters */
  name: string;
}

/** Takes an invite and makes the chat with the one who gave it. Answered as soon as the chat is stored here; the welcome then goes out by itself, across restarts. */
export interface AddContactParams {
  /** the invite, whole, as it was handed over */
  link: string;
}

/** Sends text. Answered as soon as it is safe on this device's disk; it then goes out by itself, across restarts, and message_moved notices follow. */
export interface SendTextParams {
  /** where to */
  chat: ChatId;
  /** at most 102,400 bytes of UTF-8 */
  text: string;
}

/** Lists the chats of this profile. */
export interface ListChatsParams {
  /** also those that were deleted and in which nothing was said since; false if left out */
  hidden?: boolean | null;
}

/** Removes what was said in a chat from the own devices; the others keep what they have. A chat in which one still is stays hidden until something is said in it; one that is only kept, and a group that one has left, goes wholly. What has not gone out is not sent any more. */
export interface DeleteChatParams {
  /** which */
  chat: ChatId;
  /** the chat stays in sight, and all that is set for it; false if left out */
  history_only?: boolean | null;
  /** of a chat of two: the other account is blocked as well; false if left out */
  block?: boolean | null;
}

/** Reads messages of one chat from this device, oldest first. The answer has 200 messages or 1 MiB of them at most, and leaves out the oldest then: ask again before the first one, until nothing comes. */
export interface ReadHistoryParams {
  /** which chat */
  chat: ChatId;
  /** only messages before this one; null: the newest */
  before?: Position | null;
  /** how many at most; 50 if left out */
  count?: number | null;
}

/** The person has seen everything up to `through`: tells the sender, if receipts are on. */
export interface MarkReadParams {
  /** which chat */
  chat: ChatId;
  /** the last message that was seen */
  through: Position;
}

/** Gives this device a fresh key in the chat, which heals it after a break-in. Answered once the group log has it. Happens by itself at the first message and weekly. */
export interface RefreshKeysParams {
  /** which chat */
  chat: ChatId;
}

/** Reads the number that both people compare to be sure of each other. */
export interface ReadSafetyNumberParams {
  /** which chat */
  chat: ChatId;
}

/** The people have compared the safety number, and it was the same. What acknowledge_devices does is done as well. */
export interface MarkVerifiedParams {
  /** which chat */
  chat: ChatId;
}

/** Tells whose profile this is. */
export type ReadAccountParams = Record<string, never>;

/** Writes what waits to go out into a bundle that people carry to its receivers themselves. It goes out over the home as well, when there is a way. */
export interface WriteBundleParams {
  /** only what is for this chat; null: all */
  chat?: ChatId | null;
  /** how large it may be; 0 or left out: 16 MiB. A line of this interface has room for 700,000 */
  bytes_max?: number | null;
  /** also as sealed requests for homes, so that any home or client with a network can do them; false if left out. The bundle then tells which homes they are for */
  requests?: boolean | null;
}

/** Takes in what a bundle has for this profile and passes over the rest. The same bundle twice does no harm. The messages come as message_received. */
export interface ReadBundleParams {
  /** as write_bundle gave it */
  bundle: Bytes;
  /** hand sealed requests of others to their homes, and wait up to a minute for the answers; false if left out */
  pass_on?: boolean | null;
}

/** Lists every way to the own home that is known. */
export type ListRoutesParams = Record<string, never>;

/** Takes a route to the own home, such as a bridge that a friend has named. It is tried beside the others. */
export interface AddRouteParams {
  /** a URI such as bridge://name.example */
  route: string;
}

/** Forgets a route that was added. */
export interface RemoveRouteParams {
  /** as it was added */
  route: string;
}

/** Sends a file. Answered as soon as the file was found; it is then read, encrypted and brought to the own home by itself, across restarts, and has to stay as it is until then. file_progress and message_moved notices follow. */
export interface SendFileParams {
  /** where to */
  chat: ChatId;
  /** its path on this machine; one without a leading "/" is taken from the folder in which Godwit was started. JPEG, PNG, WebP, GIF, HEIC, AVIF, films (MP4, MOV, M4A, WebM) and sounds with tags (MP3, Ogg) go without what the camera wrote beside the picture (place, time, device; the engine in a browser leaves WebP to its page); with "as-is:" before the path they stay as they are */
  source: string;
  /** as the receiver sees it; left out: the last part of the path */
  name?: string | null;
  /** left out: guessed by the name */
  mime?: string | null;
  /** what stands under it, at most 65,536 bytes */
  caption?: string | null;
  /** what it answers */
  reply_to?: MessageId | null;
  /** of a picture, video, voice note or sticker; left out: just a file */
  media?: Media | null;
}

/** Fetches the file of a message, or one of a post. Answered once all of it is there; file_progress notices come until then. After a restart the same command goes on where it was. */
export interface GetFileParams {
  /** which chat; left out: of a post in `channel` */
  chat?: ChatId | null;
  /** which message; of a post: the id of the file */
  message: MessageId;
  /** which channel; left out: of a chat */
  channel?: ChannelId | null;
  /** which post of the channel */
  post?: number | null;
  /** a path at which there is nothing; or a folder, ending in "/": the file gets its own name there */
  destination: string;
}

/** Holds up a file that is on its way. One that goes to the home waits, also after a restart, until the same comes with paused: false. One that is fetched ends with engine_file_paused; get_file to the same destination goes on. */
export interface PauseFileParams {
  /** which chat; left out: of a post in `channel` */
  chat?: ChatId | null;
  /** which message; of a post: the id of the file */
  message: MessageId;
  /** which channel; left out: of a chat */
  channel?: ChannelId | null;
  /** false: it goes on; true if left out */
  paused?: boolean | null;
}

/** Takes a home's bulletin, as a friend, a page or a file had it: ways to the own home or to a contact's. */
export interface TakeBulletinParams {
  /** the whole text, from godwit-bulletin: on */
  text: string;
}

/** Gives the own home's bulletin that is for everybody, as a text to hand on. */
export type ShareBulletinParams = Record<string, never>;

/** Names a mail account by which sealed requests may travel when nothing else works, or takes it away. The provider, and whoever watches him, learns that it exchanges mail with the homes' addresses: ask people first. */
export interface SetMailParams {
  /** null or left out: no mail any more */
  account?: MailAccount | null;
}

/** Tells which mail account is set, without its password, and how mail goes. */
export type ReadMailParams = Record<string, never>;

/** Whether to look for contacts on the local network and to be found there, when homes cannot be reached. Off until it is asked for; kept across restarts. */
export interface SetLanParams {
  /** true: look, and be found */
  on: boolean;
}

/** Tells whether the local network is used, and who is connected over it. */
export type ReadLanParams = Record<string, never>;

/** As send_text, with all that a text may have. */
export interface SendMessageParams {
  /** where to */
  chat: ChatId;
  /** at most 102,400 bytes of UTF-8 */
  text: string;
  /** what it answers */
  reply_to?: MessageId | null;
  /** its formatting */
  spans?: TextSpan[] | null;
  /** whom it names */
  mentions?: Mention[] | null;
  /** the post of a channel that it comments on */
  about?: PostRef | null;
  /** of a link in the text, as the program has seen it; left out: none */
  preview?: LinkPreview | null;
}

/** Reads one message, wherever it is in the history. */
export interface ReadMessageParams {
  /** which chat */
  chat: ChatId;
  /** which message */
  message: MessageId;
}

/** Says an own text, or what stands under an own file, otherwise. Receivers see that, and can read what it was before. */
export interface EditMessageParams {
  /** which chat */
  chat: ChatId;
  /** which message */
  message: MessageId;
  /** what it says from now on */
  text: string;
  /** its formatting */
  spans?: TextSpan[] | null;
  /** whom it names */
  mentions?: Mention[] | null;
}

/** Reads all versions of a text. */
export interface ReadEditsParams {
  /** which chat */
  chat: ChatId;
  /** which message */
  message: MessageId;
}

/** Takes a message back for everyone, or removes it from this device. */
export interface DeleteMessageParams {
  /** which chat */
  chat: ChatId;
  /** which message */
  message: MessageId;
  /** true: its author, or an admin, takes it back; false if left out */
  for_everyone?: boolean | null;
}

/** Gives a reaction or takes it back. Of one person the newest 8 on a message count. */
export interface ReactParams {
  /** which chat */
  chat: ChatId;
  /** which message */
  message: MessageId;
  /** an emoji or a word, at most 64 bytes */
  reaction: string;
  /** true: takes it back */
  remove?: boolean | null;
}

/** Tells those who are connected now that one writes, or has stopped. Say it again every few seconds. */
export interface SendTypingParams {
  /** which chat */
  chat: ChatId;
  /** false: has stopped */
  typing?: boolean | null;
}

/** Sends a place. */
export interface SendLocationParams {
  /** where to */
  chat: ChatId;
  /** millionths of a degree */
  latitude: number;
  /** millionths of a degree */
  longitude: number;
  /** metres */
  accuracy_m?: number | null;
  /** at most 256 bytes */
  name?: string | null;
}

/** Recommends somebody. */
export interface SendContactParams {
  /** where to */
  chat: ChatId;
  /** 1 to 64 characters */
  name: string;
  /** his account */
  account?: AccountId | null;
  /** an invite, an address: at most 4,096 bytes */
  text?: string | null;
}

/** Asks all. */
export interface SendPollParams {
  /** where to */
  chat: ChatId;
  /** at most 1,024 bytes */
  question: string;
  /** 2 to 32 different ones of at most 256 bytes */
  options: string[];
  /** more than one may be chosen */
  multiple?: boolean | null;
  /** when it ends by itself */
  closes_at?: Time | null;
}

/** Chooses options of a poll, instead of those that were chosen before. */
export interface VoteParams {
  /** which chat */
  chat: ChatId;
  /** which message */
  message: MessageId;
  /** their numbers, from 0; none takes the vote back */
  choices: number[];
}

/** Ends an own poll. */
export interface ClosePollParams {
  /** which chat */
  chat: ChatId;
  /** which message */
  message: MessageId;
}

/** Pins a message for all, or takes the pin away. */
export interface PinMessageParams {
  /** which chat */
  chat: ChatId;
  /** which message */
  message: MessageId;
  /** false: takes it away */
  pinned?: boolean | null;
}

/** Reads the pinned messages of a chat. */
export interface ListPinnedParams {
  /** which chat */
  chat: ChatId;
}

/** What is said in this chat from now on disappears so long after it was sent or read. All see that it was set. */
export interface SetDisappearingParams {
  /** which chat */
  chat: ChatId;
  /** 5 to 31,622,400; 0: it stays */
  seconds: number;
}

/** Says in another chat what a message says, marked as forwarded. A file is not brought up again. */
export interface ForwardMessageParams {
  /** where it is */
  chat: ChatId;
  /** which message */
  message: MessageId;
  /** where to */
  to: ChatId;
}

/** Changes what its owner has set for a chat; what is left out stays. Nobody else sees it. */
export interface SetChatParams {
  /** which chat */
  chat: ChatId;
  /** 0: not muted */
  muted_until?: Time | null;
  /** out of the way */
  archived?: boolean | null;
  /** on top */
  pinned?: boolean | null;
  /** as if something were new */
  marked_unread?: boolean | null;
  /** what was begun */
  draft?: string | null;
}

/** Reads how each member has taken an own message. */
export interface ReadReceiptsParams {
  /** which chat */
  chat: ChatId;
  /** which message */
  message: MessageId;
}

/** Copies a message of somebody else for the operator of that person's home, who can check who has signed it. It does not say who reports. Own messages and imported ones cannot be reported. */
export interface ReportMessageParams {
  /** which chat */
  chat: ChatId;
  /** which message */
  message: MessageId;
}

/** Keeps a text and sends it at a time, across restarts, or as soon after it as Godwit runs. */
export interface ScheduleMessageParams {
  /** where to */
  chat: ChatId;
  /** when */
  at: Time;
  /** at most 102,400 bytes of UTF-8 */
  text: string;
  /** what it answers */
  reply_to?: MessageId | null;
  /** its formatting */
  spans?: TextSpan[] | null;
  /** whom it names */
  mentions?: Mention[] | null;
}

/** Lists what waits for its time. */
export interface ListScheduledParams {
  /** which chat */
  chat: ChatId;
}

/** Forgets a message that waits for its time. */
export interface CancelScheduledParams {
  /** which chat */
  chat: ChatId;
  /** as schedule_message gave it */
  number: number;
}

/** Whether others learn that one has read something or is writing. */
export interface SetPrivacyParams {
  /** that something was read */
  read_receipts: boolean;
  /** that one writes */
  typing: boolean;
}

/** Tells what others may learn. */
export type ReadPrivacyParams = Record<string, never>;

/** Makes a group of oneself alone, its owner. */
export interface NewGroupParams {
  /** 1 to 64 characters */
  name: string;
  /** for up to 2,000 people with 3,600 devices, not post-quantum; left out: for up to 100, and it is */
  large?: boolean | null;
}

/** The chat of oneself alone; made if there is none yet. Other devices have it too. */
export type OpenSavedParams = Record<string, never>;

/** Says who is in a chat. */
export interface ListMembersParams {
  /** which chat */
  chat: ChatId;
}

/** Lets contacts into a group. Their devices are asked for keys and answer by themselves; members_changed says who came. */
export interface AddMembersParams {
  /** which group */
  chat: ChatId;
  /** contacts */
  accounts: AccountId[];
}

/** Removes a member with all his devices. Answered once the group's log has it: nothing that is said after it can be read by him. */
export interface RemoveMemberParams {
  /** which group */
  chat: ChatId;
  /** who */
  account: AccountId;
}

/** Leaves a group. The chat stays, to be read. */
export interface LeaveGroupParams {
  /** which group */
  chat: ChatId;
}

/** Makes a member something else. */
export interface SetRoleParams {
  /** which group */
  chat: ChatId;
  /** who */
  account: AccountId;
  /** what he becomes */
  role: Role;
}

/** Gives a group another name. */
export interface RenameGroupParams {
  /** which group */
  chat: ChatId;
  /** 1 to 64 characters */
  name: string;
}

/** Changes what is given about a group and leaves the rest. */
export interface SetGroupSettingsParams {
  /** which group */
  chat: ChatId;
  /** only admins write */
  announcement_only?: boolean | null;
  /** between two messages of one member, at most 86,400; 0: off */
  slow_mode_seconds?: number | null;
  /** who comes by a link waits for an admin */
  join_by_approval?: boolean | null;
  /** only admins pin messages */
  admins_pin?: boolean | null;
}

/** Goes on with the log of a chat at another home, after the one where it is has gone for good: admins of a group, either of a chat of two. What only that one knew is lost. Answered when the new log is open, after the old one has been silent for a minute and a half while the new home answered; or when the old one turns out to be there. */
export interface MoveLogParams {
  /** which chat */
  chat: ChatId;
  /** a godwit-home: link; null: the own home */
  home?: string | null;
}

/** Makes a link by which others come into a group; admins only. Answered once all members can see that it exists. This device answers who comes, so they come in when it is connected. */
export interface MakeGroupLinkParams {
  /** which group */
  chat: ChatId;
  /** who comes waits for an admin; left out: not */
  approval?: boolean | null;
  /** how many may come, at most 1,000; 0 or left out: any number */
  uses?: number | null;
  /** for how long, at most 365; 0 or left out: until it is revoked */
  days?: number | null;
}

/** Lists the links of a group. */
export interface ListGroupLinksParams {
  /** which group */
  chat: ChatId;
}

/** Ends a link of a group, whichever admin made it. Answered once the group's log has it: nobody comes in by it then. */
export interface RevokeGroupLinkParams {
  /** which group */
  chat: ChatId;
  /** which link */
  link: InviteId;
}

/** Asks to be let into a group by its link. Goes on across restarts, for 30 days. */
export interface JoinGroupParams {
  /** godwit:g#... */
  link: string;
  /** at most 200 characters, for the admin who decides */
  greeting?: string | null;
}

/** Lists those who wait for an admin of a group, on an admin's device. */
export interface ListJoinRequestsParams {
  /** which group */
  chat: ChatId;
}

/** Lets in one who waits. Answered once the group's log has it. */
export interface ApproveJoinParams {
  /** which group */
  chat: ChatId;
  /** who */
  account: AccountId;
}

/** Does not let one in who waits; he is told. */
export interface RefuseJoinParams {
  /** which group */
  chat: ChatId;
  /** who */
  account: AccountId;
}

/** Claims a name at the own home, so that people find this account as name@host. */
export interface ClaimNameParams {
  /** 3 to 32 letters of one script, digits, and . _ - between them */
  name: string;
  /** at least 6 characters; left out: everybody who knows the name finds it */
  passcode?: string | null;
}

/** Gives the own name back. */
export type ReleaseNameParams = Record<string, never>;

/** Tells the own name. */
export type ReadNameParams = Record<string, never>;

/** Asks who has a name. The host is that of the own home, or the link of the home is given. Who it is, is the word of that home until safety numbers are compared. */
export interface ResolveNameParams {
  /** name@host, or a name */
  name: string;
  /** if the name has one */
  passcode?: string | null;
  /** godwit-home:..., of a home that is not the own one */
  home_link?: string | null;
}

/** Asks somebody whose request link is known to be a contact. The chat comes when he accepts. */
export interface SendContactRequestParams {
  /** godwit:m#..., as resolve_name and make_open_invite give it */
  link: string;
  /** at most 200 characters */
  greeting?: string | null;
}

/** Makes an invite for many: whoever takes it, by send_contact_request, comes in by himself, once. */
export interface MakeOpenInviteParams {
  /** how many may; 0 or left out: any number, up to 200 */
  uses?: number | null;
  /** for how many days, 1 to 365; left out: 30 */
  days?: number | null;
}

/** Lists the invites for many. */
export type ListOpenInvitesParams = Record<string, never>;

/** Ends an invite for many. */
export interface RevokeOpenInviteParams {
  /** which */
  invite: InviteId;
}

/** Lists the contact requests that wait, and nothing of what they say. */
export type ListContactRequestsParams = Record<string, never>;

/** Opens a contact request. */
export interface OpenContactRequestParams {
  /** which */
  request: ContactRequestId;
}

/** Makes the chat with whoever sent a contact request. */
export interface AcceptContactRequestParams {
  /** which */
  request: ContactRequestId;
}

/** Removes a contact request; its sender is told nothing. */
export interface DeclineContactRequestParams {
  /** which */
  request: ContactRequestId;
}

/** Removes all contact requests that wait; their senders are told nothing. */
export type DeclineContactRequestsParams = Record<string, never>;

/** Cuts an account off: nothing of it comes in any more. It is told nothing. */
export interface BlockAccountParams {
  /** whom */
  account: AccountId;
}

/** Takes a block back. */
export interface UnblockAccountParams {
  /** whom */
  account: AccountId;
}

/** Lists the blocked accounts. */
export type ListBlockedParams = Record<string, never>;

/** Makes a channel at the own home, which the devices of this account write into. */
export interface NewChannelParams {
  /** 1 to 64 characters */
  name: string;
  /** at most 4,096 bytes */
  description?: string | null;
  /** true: the home can read it; left out: only who has the link */
  is_public?: boolean | null;
}

/** Gives an own channel another name, description or picture. */
export interface DescribeChannelParams {
  /** which */
  channel: ChannelId;
  /** 1 to 64 characters */
  name: string;
  /** at most 4,096 bytes */
  description?: string | null;
  /** PNG or JPEG, at most 64 KiB; left out: none */
  picture?: Bytes | null;
}

/** Ties a group to an own channel, in which it is talked about. Readers come in by its link; what they say about one post is send_message with `about`. */
export interface SetDiscussionParams {
  /** which */
  channel: ChannelId;
  /** as make_group_link gave it; left out: no discussion any more */
  link?: string | null;
}

/** Ends an own channel with all its posts. */
export interface EndChannelParams {
  /** which */
  channel: ChannelId;
}

/** Writes into an own channel. Answered once its home has it, and before that its files, about which file_progress notices come; they have to stay as they are until then. It goes on after a restart. */
export interface PostParams {
  /** which */
  channel: ChannelId;
  /** at most 102,400 bytes of UTF-8; may be left out if there are files */
  text?: string | null;
  /** at most 8 */
  files?: FileToPost[] | null;
  /** the formatting of the text */
  spans?: TextSpan[] | null;
  /** whom the text names */
  mentions?: Mention[] | null;
}

/** Changes what a post says; its files stay. */
export interface EditPostParams {
  /** which */
  channel: ChannelId;
  /** which post */
  post: number;
  /** what it says from now on */
  text: string;
  /** its formatting */
  spans?: TextSpan[] | null;
  /** whom it names */
  mentions?: Mention[] | null;
}

/** Takes a post away, also from the home; its files end there when their 30 days are over. */
export interface DeletePostParams {
  /** which */
  channel: ChannelId;
  /** which post */
  post: number;
}

/** Lists own channels and those that are followed. */
export type ListChannelsParams = Record<string, never>;

/** Follows a channel: its newest posts come at once, later ones by themselves. */
export interface FollowChannelParams {
  /** godwit:c#... */
  link: string;
}

/** Forgets a channel and what was read of it. */
export interface UnfollowChannelParams {
  /** which */
  channel: ChannelId;
}

/** Gives posts that were read, oldest first. */
export interface ReadChannelParams {
  /** which */
  channel: ChannelId;
  /** only posts before this one; 0 or left out: from the newest */
  before?: number | null;
  /** at most so many; left out: 50 */
  count?: number | null;
}

/** Copies a post for the operator of its home, who can check that its author has signed it. It does not say who reports. */
export interface ReportPostParams {
  /** which */
  channel: ChannelId;
  /** which post */
  post: number;
}

/** Checks a report, as an operator does; needs no account. */
export interface CheckReportParams {
  /** as report_post or report_message gave it */
  report: Bytes;
}

/** Says that posts were shown. Nobody is told but the own other devices; channel_changed follows if it is new. */
export interface MarkChannelReadParams {
  /** which */
  channel: ChannelId;
  /** the newest post that was shown */
  through: number;
}

/** Changes what its reader has set for a channel; what is left out stays. Nobody else sees it; the own other devices are told. */
export interface SetChannelParams {
  /** which */
  channel: ChannelId;
  /** 0: not muted */
  muted_until?: Time | null;
}

/** Offers to link a new device, for ten minutes and one try. When it has taken the offer, device_asks comes; linking_ended however it ends. */
export interface StartLinkingParams {
  /** true: a code of twelve digits to be typed; false or left out: a link, for a QR code */
  by_code?: boolean | null;
}

/** The person's word about the device that device_asks has named. */
export interface ConfirmLinkingParams {
  /** true: it is linked and gets the account; false: it gets nothing */
  accept: boolean;
}

/** Makes this empty profile a new device of an account. Answered once the person at the other device has confirmed; linking_checked comes before. */
export interface LinkDeviceParams {
  /** of this device, as own devices show it: 1 to 64 characters */
  name: string;
  /** of an offer by link */
  link?: string | null;
  /** of an offer by code: twelve digits */
  code?: string | null;
  /** with a code: the link of the account's home */
  home_link?: string | null;
}

/** Lists the devices of one's own account. Nobody else sees their names. */
export type ListDevicesParams = Record<string, never>;

/** Gives a device another name, on all own devices. */
export interface RenameDeviceParams {
  /** which */
  device: DeviceId;
  /** 1 to 64 characters */
  name: string;
}

/** Throws a device out: the home forgets it and it gets nothing any more. Answered once the home has done it; goes on by itself, across restarts. */
export interface RemoveDeviceParams {
  /** which */
  device: DeviceId;
  /** so that no other device can undo it; empty or left out: this device's word */
  recovery_key?: string | null;
}

/** Brings back, on an empty profile, an account whose devices are lost. All earlier devices are out afterwards. If its home is gone too, at_new_home begins it at another one: the same account for whoever meets it again, without contacts and channels. */
export interface RecoverAccountParams {
  /** as it was shown when the account was made */
  recovery_key: string;
  /** a link of the home where the account is */
  home_link: string;
  /** of this device, 1 to 64 characters */
  name: string;
  /** as others see the person, if what the home kept is damaged, or it is a new one; empty or left out: as name */
  own_name?: string | null;
  /** true: a home that does not know the account opens a mailbox for it, if it takes new people by this link */
  at_new_home?: boolean | null;
}

/** Moves the account to another home, with all devices and chats. Answered once it lives there; within ten minutes each chat is told, and read_account says how many have still to hear of it. The home before need not answer. For 30 days it is looked into as well: invites given out before hold so long. A name at it is given up at once. */
export interface MoveAccountParams {
  /** of the home where it goes, as for a new account */
  home_link: string;
}

/** Puts messages of another messenger into a chat that is only read. The same messages again are known and change nothing. */
export interface ImportMessagesParams {
  /** the same for the same chat of the same messenger */
  source: string;
  /** what the chat is called */
  name: string;
  /** a chat of which it is what was said before; null: none */
  older_of?: ChatId | null;
  /** at most 1,000, in their order; those that are equal in everything have an id or a repeat, or stand in one batch: else one of them is taken */
  messages: ImportEntry[];
}

/** Searches the histories of all chats on this device, newest first. */
export interface SearchMessagesParams {
  /** words, all of which have to be there, the last one perhaps unfinished; "..." is an exact phrase */
  query: string;
  /** only in this one */
  chat?: ChatId | null;
  /** only in this one */
  channel?: ChannelId | null;
  /** only by who is called so; "me": by oneself; left out: anybody */
  sender?: string | null;
  /** only what was sent then or later */
  since?: Time | null;
  /** only what was sent before */
  until?: Time | null;
  /** only messages with a file */
  has_file?: boolean | null;
  /** so many results are passed over; 0 if left out */
  skip?: number | null;
  /** how many at most, up to 100; 20 if left out */
  count?: number | null;
}

/** The devices that the peer has now are the peer's own: contact_devices_changed was told, and the person has asked. What was held back goes out. */
export interface AcknowledgeDevicesParams {
  /** a chat of two */
  chat: ChatId;
}

/** Makes a pack of stickers out of pictures. It is on all own devices. The same pictures with the same name are the same pack. */
export interface NewStickerPackParams {
  /** at most 64 bytes in one line */
  name: string;
  /** 1 to 60, at most 8 MiB together, in their order */
  stickers: NewSticker[];
}

/** Fetches the pack of stickers that a message brings (its media's kind is sticker_pack), and keeps it, on all own devices. file_progress notices come until then. */
export interface AddStickerPackParams {
  /** which chat */
  chat: ChatId;
  /** which message */
  message: MessageId;
}

/** The packs of stickers that this account has. */
export type ListStickerPacksParams = Record<string, never>;

/** The picture of one sticker, to be shown. */
export interface ReadStickerParams {
  /** of which pack */
  pack: StickerPackId;
  /** which, from 0 on */
  number: number;
}

/** Forgets a pack of stickers, on all own devices. What was sent of it stays where it was sent. */
export interface RemoveStickerPackParams {
  /** which */
  pack: StickerPackId;
}

/** Sends a sticker: a file whose media's kind is sticker, as send_file does it. */
export interface SendStickerParams {
  /** where to */
  chat: ChatId;
  /** of which pack */
  pack: StickerPackId;
  /** which, from 0 on */
  number: number;
  /** what it answers */
  reply_to?: MessageId | null;
}

/** Sends a whole pack of stickers, for others to add: a file whose media's kind is sticker_pack. */
export interface ShareStickerPackParams {
  /** where to */
  chat: ChatId;
  /** which */
  pack: StickerPackId;
}

/** Has the home wake this device by its browser's push service when something waits and it is not connected, or not any more. Home and push service learn of each other, and the service when something comes: ask people first. */
export interface SetWebPushParams {
  /** null or left out: not any more */
  subscription?: WebPushTarget | null;
}

/** Asks the home how it wakes this device's browser, and with which key it would. */
export type ReadWebPushParams = Record<string, never>;

/** Asks the own home where people find its page. An invite is handed on as that address, "#invite=" and the percent-encoded link: whoever opens it needs nothing but a browser. */
export type FindPageParams = Record<string, never>;

/** Asks the own home for a link by which one newcomer can have an account there, to be handed on with an invite: as "#home=" and the percent-encoded link, "&invite=...". A home gives each a few a day, and none to whom a member let in during the last one to two weeks (wire_quota_full). */
export type MakeHomeLinkParams = Record<string, never>;

/** Begins a call in a group of up to a hundred: all devices of all members ring for a while, and see after that that it goes on. If one goes on there already, comes into that one. group_call_changed says who is in it. */
export interface StartGroupCallParams {
  /** which group */
  chat: ChatId;
  /** what this side wants to send; voice if left out */
  media?: CallMedia | null;
  /** this page knows rooms of a unit (open_call_room): where all in a call do, and one has a room, more than four may be in it; false if left out */
  rooms?: boolean | null;
}

/** Comes into a call of a group. Of each two devices in it, the page of one offers (`offers` of group_call_peer), as soon as group_call_changed tells of the other. */
export interface JoinGroupCallParams {
  /** which */
  call: CallId;
  /** what this side wants to send; voice if left out */
  media?: CallMedia | null;
  /** as in start_group_call; false if left out */
  rooms?: boolean | null;
}

/** Lets a call of a group not ring any more, on all own devices. It can be joined all the same. */
export interface IgnoreGroupCallParams {
  /** which */
  call: CallId;
}

/** Calls the other account of a chat of two: all its devices ring, for a minute. call_changed says how it goes on. */
export interface StartCallParams {
  /** which chat */
  chat: ChatId;
  /** what this side wants to send; voice if left out */
  media?: CallMedia | null;
}

/** Takes the call that rings here: all other devices stop. This side's page offers at once, by send_call_signal. */
export interface AcceptCallParams {
  /** which */
  call: CallId;
  /** what this side wants to send; voice if left out */
  media?: CallMedia | null;
}

/** Takes a call of two over that another own device is in (`elsewhere` of read_calls). The other side's person does nothing for it, and hears the other device until media flow here. It is answered at once, in state taking; call_changed says whether it comes here (connecting) or stays where it was. */
export interface TakeOverCallParams {
  /** which */
  call: CallId;
  /** what this side wants to send; voice if left out */
  media?: CallMedia | null;
}

/** Does not take the call that rings here, for all own devices. */
export interface DeclineCallParams {
  /** which */
  call: CallId;
}

/** Ends the call of this device wherever it stands; leaves it if it is a group's. */
export interface EndCallParams {
  /** which */
  call: CallId;
}

/** Holds a call, or goes on: both pages stop sending and playing, or begin again. */
export interface HoldCallParams {
  /** which */
  call: CallId;
  /** false: it goes on; true if left out */
  held?: boolean | null;
}

/** Says something to the page of the other device of the call, end-to-end encrypted: descriptions, candidates, keys of frames. It may be lost: say it again if no answer comes. */
export interface SendCallSignalParams {
  /** which */
  call: CallId;
  /** 1 to 32,768 bytes of UTF-8, which Godwit does not read */
  data: string;
  /** of a call of a group: to which device in it; else null or left out */
  to?: DeviceId | null;
}

/** The page says whether media flow, whenever that or the way changes, and every 10 seconds or so while they do. A call without media ends by itself: after 30 seconds, or after 45 if they flowed before. In a call of a group this says that the page is there: a minute without, and this device leaves. */
export interface SayCallMediaParams {
  /** which */
  call: CallId;
  /** they do; false: not yet, or not any more */
  flowing: boolean;
  /** by which way; none if left out */
  way?: CallWay | null;
  /** of a call of a group: this page has a room of a unit now, so that more than four may come in; said each time, false if left out */
  room?: boolean | null;
  /** of a call of two: with which device of the other side, as `device` of the call; null or left out: with the one that has it. While that changes, only what names one counts */
  device?: DeviceId | null;
  /** what went by UDP before was spoilt on the way, and media go on by TLS: `clear` of read_call_relays is false on this network for an hour, and longer each time; said once, false if left out */
  spoilt?: boolean | null;
}

/** Tells the call of this device, and those of the past that it knows of. */
export interface ReadCallsParams {
  /** only past ones of this chat; null or left out: of all */
  chat?: ChatId | null;
  /** so many are passed over; 0 if left out */
  skip?: number | null;
  /** how many at most, up to 100; 20 if left out */
  count?: number | null;
}

/** Asks the own home for relays that a call may use, with names and words that are good for some hours. None: the home has none. */
export type ReadCallRelaysParams = Record<string, never>;

/** Asks the own home for a room of its forwarding unit, for the call of a group that this device is in: with one more than four can be in it. Its key is said to the others' pages by send_call_signal. */
export interface OpenCallRoomParams {
  /** which */
  call: CallId;
}

/** Asks a room of a forwarding unit for something: whoever has its key and is in the call. */
export interface AskCallRoomParams {
  /** which */
  call: CallId;
  /** the account that has opened it, whose home has it */
  home: AccountId;
  /** its key, as open_call_room gave it */
  room: string;
  /** 32 hexadecimal digits, random, made by the page */
  seat: string;
  /** counts the wishes of this seat, from 1; the newest one again has the same answer */
  number: number;
  /** what */
  wish: CallRoomWish;
  /** a description (SDP) of at most 65,536 bytes; empty if left out */
  text?: string | null;
  /** of watch: at most 64; none if left out */
  streams?: CallRoomStream[] | null;
}

/** Shows the token. On a socket it has to be the first line, and nothing is told before; a wrong one ends the connection. On standard input it is not needed. */
export interface AuthenticateParams {
  /** as `godwit token` prints it: 64 hexadecimal digits */
  token: string;
}

/** Chooses which notices are told on this connection from now on, instead of all. Answers are not touched. */
export interface SubscribeParams {
  /** their names; an empty list: none; null or left out: all */
  notices?: string[] | null;
}

/** Takes in a file that WhatsApp (txt, zip) or Telegram Desktop (JSON) has exported; its chats can only be read. What was taken in before is known. Of a file that breaks off, what was read stays, and the error says why: those that begin with imports_, zip_ or cli_. Done by the program around the engine; in a browser by the page's worker, with a file that the page lends it. */
export interface ImportChatParams {
  /** a path on this machine */
  file: string;
  /** how the export calls oneself; left out: as it says itself */
  me?: string | null;
  /** what the chat is called; left out: as the export says */
  name?: string | null;
  /** a chat of which it is what was said before; null: none */
  older_of?: ChatId | null;
}

/** Writes a chat into a folder, as a page to read and as JSON lines, not encrypted. Without its files, and without what is to disappear. Only where the engine has a program around it: not in a browser. */
export interface ExportChatParams {
  /** which */
  chat: ChatId;
  /** a path on this machine: a folder that is new or empty */
  folder: string;
}

/** Writes all chats with their files into one sealed file, or goes on with it: what is new is added, what was changed since says what it says now, and what is known here to be taken back is removed. What this device does not have stays in it: it may be a new device, or have deleted a chat. Without what is to disappear. The file that was there stays until the new one is whole. Errors that begin with archive_ or cli_ say what is wrong with it. Done by the program around the engine; in a browser by the page's worker, with a file that the page lends it, and the page saves the new one. */
export interface ArchiveChatsParams {
  /** a path on this machine */
  file: string;
  /** by which it is opened again; nobody can get it back */
  passphrase?: string | null;
  /** of this account, instead of a passphrase */
  recovery_key?: string | null;
  /** remove from it also what this device does not have, whatever the reason */
  only_here?: boolean | null;
}

/** Takes the chats of an archive in; they can only be read. Chats that this device has itself stay as they are. A damaged archive is not taken in at all. Done by the program around the engine; in a browser by the page's worker, with a file that the page lends it. */
export interface RestoreChatsParams {
  /** a path on this machine */
  file: string;
  /** of the archive */
  passphrase?: string | null;
  /** instead, if it was made with that */
  recovery_key?: string | null;
}

/** Looks for the way to the home now, instead of when the pause after the last try is over. What comes of it is told by connection_changed. cli_locked. */
export type LookForHomeParams = Record<string, never>;

/** How the lock of the profile stands. `godwit web` has one, if the profile does not open by a key file: else cli_no_lock. */
export type ReadLockParams = Record<string, never>;

/** Sets, changes or takes away the passphrase of the profile. Nobody can get it back. As read_lock; cli_profile_no_access and store_disk_full if it cannot be written: then nothing is changed. */
export interface SetLockParams {
  /** the passphrase of now; left out: there is none */
  current?: string | null;
  /** the new one; left out: none, which takes the lock away */
  passphrase?: string | null;
  /** close it when nobody was there for so long, 10,080 at most; 0 or left out: not by itself */
  minutes?: number | null;
}

/** Another time after which it closes, by the same passphrase. As set_lock; cli_no_lock also if the lock is not on. */
export interface SetLockMinutesParams {
  /** as of set_lock */
  minutes: number;
}

/** Closes the profile: every connection ends, what was said is sent (for 5 s at most), its keys are wiped, nothing comes in, and whoever comes is answered cli_locked until somebody gives the passphrase. What came in before it was closed is read from the chats: no notice tells of it. As read_lock, also when the lock is not on. */
export type LockNowParams = Record<string, never>;

/** Opens a profile that was closed. One that is open stays so, whatever is given. */
export interface UnlockParams {
  /** of the profile */
  passphrase: string;
}

/** Somebody is there: the time until it closes begins anew. As read_lock. */
export type NoteActivityParams = Record<string, never>;

/** It is done. */
export type NothingResult = Record<string, never>;

/** The account and its mailbox exist. */
export interface AccountMadeResult {
  /** its id */
  account: AccountId;
  /** shown once, to be written down on paper: it is not kept on the device */
  recovery_key: string;
}

/** An invite that works once. */
export interface InviteMadeResult {
  /** to be handed to one person */
  link: string;
}

/** The invites for one person that this device has made. */
export interface InvitesResult {
  /** oldest first */
  invites: Invite[];
}

/** The chat exists on this device. */
export interface ChatMadeResult {
  /** the new chat */
  chat: Chat;
}

/** The message is safe on this device's disk. */
export interface MessageQueuedResult {
  /** as it was stored */
  message: Message;
}

/** All chats. */
export interface ChatsResult {
  /** all chats */
  chats: Chat[];
}

/** A part of a chat's history. */
export interface MessagesResult {
  /** oldest first */
  messages: Message[];
}

/** What people compare. */
export interface SafetyNumberResult {
  /** 60 digits, the same on both sides */
  digits: string;
}

/** Whose profile this is. */
export interface AccountResult {
  /** its id */
  account: AccountId;
  /** what others are shown */
  name: string;
  /** how its home is reached, as a URI */
  home: string;
  /** of an account that has moved: the home where it was, while that is looked into; else empty */
  former_home: string;
  /** chats that have still to hear of the move */
  chats_to_tell: number;
  /** the home to which it is being moved, and which has not taken it yet; else empty */
  moving_to: string;
  /** names of those whom one knew before a recovery, and has not met again */
  former_contacts: string[];
}

/** A bundle. */
export interface BundleWrittenResult {
  /** the bundle */
  bundle: Bytes;
  /** how many messages, receipts and hints are in it */
  parcels: number;
  /** how many did not fit: they are for the next one */
  left: number;
  /** how many sealed requests for homes are in it */
  requests: number;
}

/** What a bundle had. */
export interface BundleReadResult {
  /** parcels for this profile, also those that it had already */
  taken: number;
  /** parcels for others, or that do not open */
  passed_over: number;
  /** sealed replies to requests of this profile */
  answers: number;
  /** sealed requests of others in it */
  requests: number;
  /** of these, how many their homes have answered */
  passed_on: number;
  /** a bundle with these answers, to be carried back; empty if there are none */
  replies: Bytes;
}

/** Every way to the own home that is known. */
export interface RoutesResult {
  /** in the order of preference */
  routes: Route[];
  /** as that of read_call_relays, without asking anybody */
  clear: boolean;
}

/** The file is there. */
export interface FileSavedResult {
  /** where */
  path: string;
}

/** A bulletin to hand on. */
export interface BulletinSharedResult {
  /** the whole text */
  text: string;
}

/** The mail account, and how mail goes. */
export interface MailStateResult {
  /** an account is set; else the rest is empty */
  set: boolean;
  /** what stands in From */
  address: string;
  /** where letters are handed in */
  smtp: string;
  /** where they come */
  imap: string;
  /** of both */
  user: string;
  /** letters that wait for an answer */
  outstanding: number;
  /** why the last letter could not be sent */
  trouble: ErrorRecord | null;
  /** when an answer last came by mail, since the program started */
  answered_at: Time | null;
}

/** How the local network is used. */
export interface LanStateResult {
  /** whether contacts are looked for, and may find this device */
  on: boolean;
  /** chats whose other side is connected over the local network now */
  nearby: ChatId[];
}

/** A message. */
export interface MessageFoundResult {
  /** as it is now */
  message: Message;
}

/** All versions of a text that are kept. */
export interface EditsResult {
  /** the first one, then the others in their order */
  versions: Edit[];
}

/** How members have taken a message. */
export interface ReceiptsResult {
  /** of each other member */
  receipts: Receipt[];
}

/** The message waits for its time. */
export interface ScheduledQueuedResult {
  /** by which it is cancelled */
  number: number;
}

/** What waits for its time. */
export interface ScheduledMessagesResult {
  /** the next one first */
  scheduled: Scheduled[];
}

/** What others may know. */
export interface PrivacyResult {
  /** that something was read */
  read_receipts: boolean;
  /** that one writes */
  typing: boolean;
}

/** Who is in a chat, and how a group is set. */
export interface MembersResult {
  /** all of them */
  members: Member[];
  /** only admins write */
  announcement_only: boolean;
  /** between two messages of one member, 0: off */
  slow_mode_seconds: number;
  /** who comes by a link waits for an admin */
  join_by_approval: boolean;
  /** only admins pin messages */
  admins_pin: boolean;
  /** one's own */
  role: Role;
  /** false: made to be large, so who records it now can read it with a quantum computer */
  post_quantum: boolean;
}

/** The name is claimed. */
export interface NameClaimedResult {
  /** name@host, as people write it */
  name: string;
}

/** The own name. */
export interface NameStateResult {
  /** name@host; empty: none */
  name: string;
  /** whether a passcode is needed to find it */
  passcode: boolean;
}

/** Who has a name, by the word of its home. */
export interface NameResolvedResult {
  /** for send_contact_request */
  link: string;
  /** who it is */
  account: AccountId;
  /** as he calls himself */
  name: string;
}

/** The home has the contact request. */
export type RequestSentResult = Record<string, never>;

/** The invites for many. */
export interface OpenInvitesResult {
  /** all of them */
  invites: OpenInvite[];
}

/** The contact requests that wait. */
export interface ContactRequestsResult {
  /** oldest first */
  requests: ContactRequest[];
}

/** What a contact request says. A device of the account has signed it. */
export interface ContactRequestOpenedResult {
  /** which */
  request: ContactRequestId;
  /** who it is */
  account: AccountId;
  /** as he calls himself */
  name: string;
  /** what he writes */
  greeting: string;
}

/** The blocked accounts. */
export interface BlockedAccountsResult {
  /** all of them */
  accounts: AccountId[];
}

/** The channel is there. */
export interface ChannelMadeResult {
  /** the new one */
  channel: Channel;
}

/** The channel is followed. */
export interface ChannelFollowedResult {
  /** what it is */
  channel: Channel;
}

/** The home has it. */
export interface PostedResult {
  /** which post */
  post: number;
}

/** Own channels and those that are followed. */
export interface ChannelsResult {
  /** all of them */
  channels: Channel[];
}

/** Posts of a channel. */
export interface PostsResult {
  /** oldest first */
  posts: PostShown[];
}

/** A copy of a post for the operator of its home. */
export interface PostReportedResult {
  /** opens this one post and nothing else */
  report: Bytes;
}

/** A copy of a message for the operator of its author's home. */
export interface MessageReportedResult {
  /** shows this one message and nothing else */
  report: Bytes;
}

/** What a report proves: the holder of the channel's key, or of a device of the account, has signed it; not that others saw it. */
export interface ReportCheckedResult {
  /** of a post; for `godwit-home remove channel` */
  channel: ChannelId | null;
  /** of a post: which */
  post: number | null;
  /** what it says */
  text: string;
  /** by its author's clock */
  posted: Time;
  /** what goes with it */
  files: ReportedFile[];
  /** of a message: who has signed it, and for which chat */
  message: ReportedMessage | null;
}

/** The messages are safe on this device's disk. */
export interface ImportDoneResult {
  /** where they are */
  chat: ChatId;
  /** new ones */
  stored: number;
  /** those that were there already */
  known: number;
}

/** What fits. */
export interface SearchResultsResult {
  /** newest first */
  messages: FoundMessage[];
  /** newest first; with the messages not more than asked for */
  posts: FoundPost[];
  /** there are others, older ones */
  more: boolean;
}

/** An offer to link a device. */
export interface LinkingOfferedResult {
  /** of an offer by link; secret until it was used */
  link: string;
  /** of an offer by code: twelve digits in groups of four */
  code: string;
  /** of an offer by code: what is needed beside it; no secret */
  home_link: string;
  /** until when it is good */
  ends_at: Time;
}

/** This profile is a device of the account now. */
export interface DeviceLinkedResult {
  /** whose */
  account: AccountId;
  /** as others see the person */
  name: string;
}

/** The devices of one's own account. */
export interface OwnDevicesResult {
  /** all of them */
  devices: Device[];
  /** in how many chats a device is still to be added or removed */
  chats_to_heal: number;
  /** of how many chats the history is on its way from here to a new device */
  histories_to_send: number;
  /** of how many chats the history is on its way to this device */
  histories_to_come: number;
}

/** The account is back. */
export interface AccountRecoveredResult {
  /** whose */
  account: AccountId;
  /** as others see the person */
  name: string;
  /** their names, as they were last kept */
  contacts: string[];
}

/** A link by which others come into a group. */
export interface GroupLinkMadeResult {
  /** names it */
  link: InviteId;
  /** to be handed out */
  text: string;
}

/** The links of a group. */
export interface GroupLinksResult {
  /** all of them */
  links: GroupLink[];
}

/** The request to be let in is at the keeper's home. chat_changed says that one is in, join_refused that not. */
export interface JoinAskedResult {
  /** the group */
  chat: ChatId;
  /** of the group, as the link says */
  name: string;
  /** an admin looks at it */
  approval: boolean;
}

/** Those who wait for an admin of a group. */
export interface JoinRequestsResult {
  /** oldest first */
  requests: JoinRequest[];
}

/** The packs. */
export interface StickerPacksResult {
  /** by name */
  packs: StickerPack[];
}

/** The pack is safe on this device's disk. */
export interface StickerPackAddedResult {
  /** the pack */
  pack: StickerPack;
}

/** A sticker with its picture. */
export interface StickerFoundResult {
  /** the file's bytes */
  picture: Bytes;
  /** what it is */
  sticker: Sticker;
}

/** How the home wakes this device's browser. */
export interface WebPushInfoResult {
  /** the home's key for push services, 65 bytes: a browser's applicationServerKey; empty: the home sends no pushes */
  home_key: Bytes;
  /** that the home has of this device; empty: none */
  endpoint: string;
}

/** Where people find the page. */
export interface PageFoundResult {
  /** https://..., without a "#"; empty: the home knows of none */
  address: string;
}

/** A link for one newcomer at the own home. */
export interface HomeLinkMadeResult {
  /** for new_account; empty: the home takes newcomers without one */
  home_link: string;
}

/** This device has it. */
export interface CallTakenResult {
  /** as it stands */
  call: Call;
}

/** This device is in it. */
export interface GroupCallTakenResult {
  /** as it stands */
  call: GroupCall;
}

/** The call of this device, and those of the past. */
export interface CallsResult {
  /** the call of this device; null: it is in none, and rings for none */
  live: Call | null;
  /** those of the past, newest first */
  past: PastCall[];
  /** there are older ones */
  more: boolean;
  /** calls of groups that go on, the one that this device is in first */
  groups: GroupCall[];
  /** calls of two that other own devices are in */
  elsewhere: CallElsewhere[];
}

/** Relays that a call may use. */
export interface CallRelaysResult {
  /** in the order in which they should be tried */
  relays: CallRelay[];
  /** relays by UDP, which a watcher recognises: to be tried once media flow by `relays`, and left when it is spoilt. None where `clear` is false, or the home has none */
  udp: CallRelay[];
  /** nothing on this network speaks for a censor, as it stands now: only then UDP is risked, to a relay or directly */
  clear: boolean;
}

/** A room of the own home's unit. */
export interface CallRoomOpenedResult {
  /** its key, 64 hexadecimal digits: whoever has it can take a seat, and nobody else */
  room: string;
}

/** What a room says to a wish; what the wish has no use for is empty. */
export interface CallRoomAnswerResult {
  /** a description (SDP) */
  text: string;
  /** of publish: by which the others ask for what this page sends; else 0 */
  feed: number;
  /** of watch: what stands where in the offer */
  lines: CallRoomLine[];
  /** of enter: by what the unit is reached */
  relays: CallRelay[];
}

/** The messages are safe on this device's disk. */
export interface ChatImportedResult {
  /** in the file */
  chats: number;
  /** messages that are new */
  stored: number;
  /** messages that were there already */
  known: number;
  /** that came with them */
  files: number;
  /** files that are named and not in the export */
  missing: number;
  /** files that were left out when it was exported */
  omitted: number;
  /** lines or records that were not understood */
  passed_over: number;
  /** messages that cannot be taken in, and are left out */
  skipped: number;
}

/** The chat is in the folder. */
export interface ChatExportedResult {
  /** the path of the page: HTML */
  page: string;
  /** the path of the JSON lines */
  lines: string;
  /** in each of them */
  messages: number;
}

/** The archive is whole. */
export interface ChatsArchivedResult {
  /** messages that are new in it */
  added: number;
  /** messages that were there already */
  known: number;
  /** that came with them */
  files: number;
  /** files that are not to be had now: they are looked for again the next time */
  missing: number;
  /** something was changed or removed: it is written anew */
  rewritten: boolean;
  /** messages that went from it: they were taken back since, or with only_here are not here */
  removed: number;
  /** messages that say now what they say here */
  changed: number;
  /** messages that are in it and not here */
  kept: number;
}

/** The messages are safe on this device's disk. */
export interface ChatsRestoredResult {
  /** that were taken in */
  chats: number;
  /** chats that this device has itself */
  skipped: number;
  /** messages that are new */
  stored: number;
  /** messages that were there already */
  known: number;
  /** that came with them */
  files: number;
  /** files that were not to be had when it was archived */
  missing: number;
}

/** It is being looked for. */
export type HomeLookedForResult = Record<string, never>;

/** How the lock of the profile stands. */
export interface LockStateResult {
  /** the profile opens by a passphrase */
  on: boolean;
  /** it closes when nobody was there for so long; 0: not by itself */
  minutes: number;
}

export interface Methods {
  /** Makes the account of this profile and opens its mailbox at a home. */
  new_account: { params: NewAccountParams; result: AccountMadeResult };
  /** Makes an invite for one person. Answered once the home holds the key package behind it. */
  make_invite: { params: MakeInviteParams; result: InviteMadeResult };
  /** Lists the invites for one person that this device has made and that nobody has taken. */
  list_invites: { params: ListInvitesParams; result: InvitesResult };
  /** Ends an invite for one person: nobody comes in by it any more. The home is told by itself, across restarts. */
  revoke_invite: { params: RevokeInviteParams; result: NothingResult };
  /** Changes what others are shown as one's name, on all own devices. Within ten minutes each chat is told, and its members get member_renamed. */
  rename_account: { params: RenameAccountParams; result: NothingResult };
  /** Takes an invite and makes the chat with the one who gave it. Answered as soon as the chat is stored here; the welcome then goes out by itself, across restarts. */
  add_contact: { params: AddContactParams; result: ChatMadeResult };
  /** Sends text. Answered as soon as it is safe on this device's disk; it then goes out by itself, across restarts, and message_moved notices follow. */
  send_text: { params: SendTextParams; result: MessageQueuedResult };
  /** Lists the chats of this profile. */
  list_chats: { params: ListChatsParams; result: ChatsResult };
  /** Removes what was said in a chat from the own devices; the others keep what they have. A chat in which one still is stays hidden until something is said in it; one that is only kept, and a group that one has left, goes wholly. What has not gone out is not sent any more. */
  delete_chat: { params: DeleteChatParams; result: NothingResult };
  /** Reads messages of one chat from this device, oldest first. The answer has 200 messages or 1 MiB of them at most, and leaves out the oldest then: ask again before the first one, until nothing comes. */
  read_history: { params: ReadHistoryParams; result: MessagesResult };
  /** The person has seen everything up to `through`: tells the sender, if receipts are on. */
  mark_read: { params: MarkReadParams; result: NothingResult };
  /** Gives this device a fresh key in the chat, which heals it after a break-in. Answered once the group log has it. Happens by itself at the first message and weekly. */
  refresh_keys: { params: RefreshKeysParams; result: NothingResult };
  /** Reads the number that both people compare to be sure of each other. */
  read_safety_number: { params: ReadSafetyNumberParams; result: SafetyNumberResult };
  /** The people have compared the safety number, and it was the same. What acknowledge_devices does is done as well. */
  mark_verified: { params: MarkVerifiedParams; result: NothingResult };
  /** Tells whose profile this is. */
  read_account: { params: ReadAccountParams; result: AccountResult };
  /** Writes what waits to go out into a bundle that people carry to its receivers themselves. It goes out over the home as well, when there is a way. */
  write_bundle: { params: WriteBundleParams; result: BundleWrittenResult };
  /** Takes in what a bundle has for this profile and passes over the rest. The same bundle twice does no harm. The messages come as message_received. */
  read_bundle: { params: ReadBundleParams; result: BundleReadResult };
  /** Lists every way to the own home that is known. */
  list_routes: { params: ListRoutesParams; result: RoutesResult };
  /** Takes a route to the own home, such as a bridge that a friend has named. It is tried beside the others. */
  add_route: { params: AddRouteParams; result: NothingResult };
  /** Forgets a route that was added. */
  remove_route: { params: RemoveRouteParams; result: NothingResult };
  /** Sends a file. Answered as soon as the file was found; it is then read, encrypted and brought to the own home by itself, across restarts, and has to stay as it is until then. file_progress and message_moved notices follow. */
  send_file: { params: SendFileParams; result: MessageQueuedResult };
  /** Fetches the file of a message, or one of a post. Answered once all of it is there; file_progress notices come until then. After a restart the same command goes on where it was. */
  get_file: { params: GetFileParams; result: FileSavedResult };
  /** Holds up a file that is on its way. One that goes to the home waits, also after a restart, until the same comes with paused: false. One that is fetched ends with engine_file_paused; get_file to the same destination goes on. */
  pause_file: { params: PauseFileParams; result: NothingResult };
  /** Takes a home's bulletin, as a friend, a page or a file had it: ways to the own home or to a contact's. */
  take_bulletin: { params: TakeBulletinParams; result: NothingResult };
  /** Gives the own home's bulletin that is for everybody, as a text to hand on. */
  share_bulletin: { params: ShareBulletinParams; result: BulletinSharedResult };
  /** Names a mail account by which sealed requests may travel when nothing else works, or takes it away. The provider, and whoever watches him, learns that it exchanges mail with the homes' addresses: ask people first. */
  set_mail: { params: SetMailParams; result: NothingResult };
  /** Tells which mail account is set, without its password, and how mail goes. */
  read_mail: { params: ReadMailParams; result: MailStateResult };
  /** Whether to look for contacts on the local network and to be found there, when homes cannot be reached. Off until it is asked for; kept across restarts. */
  set_lan: { params: SetLanParams; result: NothingResult };
  /** Tells whether the local network is used, and who is connected over it. */
  read_lan: { params: ReadLanParams; result: LanStateResult };
  /** As send_text, with all that a text may have. */
  send_message: { params: SendMessageParams; result: MessageQueuedResult };
  /** Reads one message, wherever it is in the history. */
  read_message: { params: ReadMessageParams; result: MessageFoundResult };
  /** Says an own text, or what stands under an own file, otherwise. Receivers see that, and can read what it was before. */
  edit_message: { params: EditMessageParams; result: NothingResult };
  /** Reads all versions of a text. */
  read_edits: { params: ReadEditsParams; result: EditsResult };
  /** Takes a message back for everyone, or removes it from this device. */
  delete_message: { params: DeleteMessageParams; result: NothingResult };
  /** Gives a reaction or takes it back. Of one person the newest 8 on a message count. */
  react: { params: ReactParams; result: NothingResult };
  /** Tells those who are connected now that one writes, or has stopped. Say it again every few seconds. */
  send_typing: { params: SendTypingParams; result: NothingResult };
  /** Sends a place. */
  send_location: { params: SendLocationParams; result: MessageQueuedResult };
  /** Recommends somebody. */
  send_contact: { params: SendContactParams; result: MessageQueuedResult };
  /** Asks all. */
  send_poll: { params: SendPollParams; result: MessageQueuedResult };
  /** Chooses options of a poll, instead of those that were chosen before. */
  vote: { params: VoteParams; result: NothingResult };
  /** Ends an own poll. */
  close_poll: { params: ClosePollParams; result: NothingResult };
  /** Pins a message for all, or takes the pin away. */
  pin_message: { params: PinMessageParams; result: NothingResult };
  /** Reads the pinned messages of a chat. */
  list_pinned: { params: ListPinnedParams; result: MessagesResult };
  /** What is said in this chat from now on disappears so long after it was sent or read. All see that it was set. */
  set_disappearing: { params: SetDisappearingParams; result: MessageQueuedResult };
  /** Says in another chat what a message says, marked as forwarded. A file is not brought up again. */
  forward_message: { params: ForwardMessageParams; result: MessageQueuedResult };
  /** Changes what its owner has set for a chat; what is left out stays. Nobody else sees it. */
  set_chat: { params: SetChatParams; result: NothingResult };
  /** Reads how each member has taken an own message. */
  read_receipts: { params: ReadReceiptsParams; result: ReceiptsResult };
  /** Copies a message of somebody else for the operator of that person's home, who can check who has signed it. It does not say who reports. Own messages and imported ones cannot be reported. */
  report_message: { params: ReportMessageParams; result: MessageReportedResult };
  /** Keeps a text and sends it at a time, across restarts, or as soon after it as Godwit runs. */
  schedule_message: { params: ScheduleMessageParams; result: ScheduledQueuedResult };
  /** Lists what waits for its time. */
  list_scheduled: { params: ListScheduledParams; result: ScheduledMessagesResult };
  /** Forgets a message that waits for its time. */
  cancel_scheduled: { params: CancelScheduledParams; result: NothingResult };
  /** Whether others learn that one has read something or is writing. */
  set_privacy: { params: SetPrivacyParams; result: NothingResult };
  /** Tells what others may learn. */
  read_privacy: { params: ReadPrivacyParams; result: PrivacyResult };
  /** Makes a group of oneself alone, its owner. */
  new_group: { params: NewGroupParams; result: ChatMadeResult };
  /** The chat of oneself alone; made if there is none yet. Other devices have it too. */
  open_saved: { params: OpenSavedParams; result: ChatMadeResult };
  /** Says who is in a chat. */
  list_members: { params: ListMembersParams; result: MembersResult };
  /** Lets contacts into a group. Their devices are asked for keys and answer by themselves; members_changed says who came. */
  add_members: { params: AddMembersParams; result: NothingResult };
  /** Removes a member with all his devices. Answered once the group's log has it: nothing that is said after it can be read by him. */
  remove_member: { params: RemoveMemberParams; result: NothingResult };
  /** Leaves a group. The chat stays, to be read. */
  leave_group: { params: LeaveGroupParams; result: NothingResult };
  /** Makes a member something else. */
  set_role: { params: SetRoleParams; result: NothingResult };
  /** Gives a group another name. */
  rename_group: { params: RenameGroupParams; result: NothingResult };
  /** Changes what is given about a group and leaves the rest. */
  set_group_settings: { params: SetGroupSettingsParams; result: NothingResult };
  /** Goes on with the log of a chat at another home, after the one where it is has gone for good: admins of a group, either of a chat of two. What only that one knew is lost. Answered when the new log is open, after the old one has been silent for a minute and a half while the new home answered; or when the old one turns out to be there. */
  move_log: { params: MoveLogParams; result: NothingResult };
  /** Makes a link by which others come into a group; admins only. Answered once all members can see that it exists. This device answers who comes, so they come in when it is connected. */
  make_group_link: { params: MakeGroupLinkParams; result: GroupLinkMadeResult };
  /** Lists the links of a group. */
  list_group_links: { params: ListGroupLinksParams; result: GroupLinksResult };
  /** Ends a link of a group, whichever admin made it. Answered once the group's log has it: nobody comes in by it then. */
  revoke_group_link: { params: RevokeGroupLinkParams; result: NothingResult };
  /** Asks to be let into a group by its link. Goes on across restarts, for 30 days. */
  join_group: { params: JoinGroupParams; result: JoinAskedResult };
  /** Lists those who wait for an admin of a group, on an admin's device. */
  list_join_requests: { params: ListJoinRequestsParams; result: JoinRequestsResult };
  /** Lets in one who waits. Answered once the group's log has it. */
  approve_join: { params: ApproveJoinParams; result: NothingResult };
  /** Does not let one in who waits; he is told. */
  refuse_join: { params: RefuseJoinParams; result: NothingResult };
  /** Claims a name at the own home, so that people find this account as name@host. */
  claim_name: { params: ClaimNameParams; result: NameClaimedResult };
  /** Gives the own name back. */
  release_name: { params: ReleaseNameParams; result: NothingResult };
  /** Tells the own name. */
  read_name: { params: ReadNameParams; result: NameStateResult };
  /** Asks who has a name. The host is that of the own home, or the link of the home is given. Who it is, is the word of that home until safety numbers are compared. */
  resolve_name: { params: ResolveNameParams; result: NameResolvedResult };
  /** Asks somebody whose request link is known to be a contact. The chat comes when he accepts. */
  send_contact_request: { params: SendContactRequestParams; result: RequestSentResult };
  /** Makes an invite for many: whoever takes it, by send_contact_request, comes in by himself, once. */
  make_open_invite: { params: MakeOpenInviteParams; result: InviteMadeResult };
  /** Lists the invites for many. */
  list_open_invites: { params: ListOpenInvitesParams; result: OpenInvitesResult };
  /** Ends an invite for many. */
  revoke_open_invite: { params: RevokeOpenInviteParams; result: NothingResult };
  /** Lists the contact requests that wait, and nothing of what they say. */
  list_contact_requests: { params: ListContactRequestsParams; result: ContactRequestsResult };
  /** Opens a contact request. */
  open_contact_request: { params: OpenContactRequestParams; result: ContactRequestOpenedResult };
  /** Makes the chat with whoever sent a contact request. */
  accept_contact_request: { params: AcceptContactRequestParams; result: ChatMadeResult };
  /** Removes a contact request; its sender is told nothing. */
  decline_contact_request: { params: DeclineContactRequestParams; result: NothingResult };
  /** Removes all contact requests that wait; their senders are told nothing. */
  decline_contact_requests: { params: DeclineContactRequestsParams; result: NothingResult };
  /** Cuts an account off: nothing of it comes in any more. It is told nothing. */
  block_account: { params: BlockAccountParams; result: NothingResult };
  /** Takes a block back. */
  unblock_account: { params: UnblockAccountParams; result: NothingResult };
  /** Lists the blocked accounts. */
  list_blocked: { params: ListBlockedParams; result: BlockedAccountsResult };
  /** Makes a channel at the own home, which the devices of this account write into. */
  new_channel: { params: NewChannelParams; result: ChannelMadeResult };
  /** Gives an own channel another name, description or picture. */
  describe_channel: { params: DescribeChannelParams; result: NothingResult };
  /** Ties a group to an own channel, in which it is talked about. Readers come in by its link; what they say about one post is send_message with `about`. */
  set_discussion: { params: SetDiscussionParams; result: NothingResult };
  /** Ends an own channel with all its posts. */
  end_channel: { params: EndChannelParams; result: NothingResult };
  /** Writes into an own channel. Answered once its home has it, and before that its files, about which file_progress notices come; they have to stay as they are until then. It goes on after a restart. */
  post: { params: PostParams; result: PostedResult };
  /** Changes what a post says; its files stay. */
  edit_post: { params: EditPostParams; result: PostedResult };
  /** Takes a post away, also from the home; its files end there when their 30 days are over. */
  delete_post: { params: DeletePostParams; result: PostedResult };
  /** Lists own channels and those that are followed. */
  list_channels: { params: ListChannelsParams; result: ChannelsResult };
  /** Follows a channel: its newest posts come at once, later ones by themselves. */
  follow_channel: { params: FollowChannelParams; result: ChannelFollowedResult };
  /** Forgets a channel and what was read of it. */
  unfollow_channel: { params: UnfollowChannelParams; result: NothingResult };
  /** Gives posts that were read, oldest first. */
  read_channel: { params: ReadChannelParams; result: PostsResult };
  /** Copies a post for the operator of its home, who can check that its author has signed it. It does not say who reports. */
  report_post: { params: ReportPostParams; result: PostReportedResult };
  /** Checks a report, as an operator does; needs no account. */
  check_report: { params: CheckReportParams; result: ReportCheckedResult };
  /** Says that posts were shown. Nobody is told but the own other devices; channel_changed follows if it is new. */
  mark_channel_read: { params: MarkChannelReadParams; result: NothingResult };
  /** Changes what its reader has set for a channel; what is left out stays. Nobody else sees it; the own other devices are told. */
  set_channel: { params: SetChannelParams; result: NothingResult };
  /** Offers to link a new device, for ten minutes and one try. When it has taken the offer, device_asks comes; linking_ended however it ends. */
  start_linking: { params: StartLinkingParams; result: LinkingOfferedResult };
  /** The person's word about the device that device_asks has named. */
  confirm_linking: { params: ConfirmLinkingParams; result: NothingResult };
  /** Makes this empty profile a new device of an account. Answered once the person at the other device has confirmed; linking_checked comes before. */
  link_device: { params: LinkDeviceParams; result: DeviceLinkedResult };
  /** Lists the devices of one's own account. Nobody else sees their names. */
  list_devices: { params: ListDevicesParams; result: OwnDevicesResult };
  /** Gives a device another name, on all own devices. */
  rename_device: { params: RenameDeviceParams; result: NothingResult };
  /** Throws a device out: the home forgets it and it gets nothing any more. Answered once the home has done it; goes on by itself, across restarts. */
  remove_device: { params: RemoveDeviceParams; result: NothingResult };
  /** Brings back, on an empty profile, an account whose devices are lost. All earlier devices are out afterwards. If its home is gone too, at_new_home begins it at another one: the same account for whoever meets it again, without contacts and channels. */
  recover_account: { params: RecoverAccountParams; result: AccountRecoveredResult };
  /** Moves the account to another home, with all devices and chats. Answered once it lives there; within ten minutes each chat is told, and read_account says how many have still to hear of it. The home before need not answer. For 30 days it is looked into as well: invites given out before hold so long. A name at it is given up at once. */
  move_account: { params: MoveAccountParams; result: NothingResult };
  /** Puts messages of another messenger into a chat that is only read. The same messages again are known and change nothing. */
  import_messages: { params: ImportMessagesParams; result: ImportDoneResult };
  /** Searches the histories of all chats on this device, newest first. */
  search_messages: { params: SearchMessagesParams; result: SearchResultsResult };
  /** The devices that the peer has now are the peer's own: contact_devices_changed was told, and the person has asked. What was held back goes out. */
  acknowledge_devices: { params: AcknowledgeDevicesParams; result: NothingResult };
  /** Makes a pack of stickers out of pictures. It is on all own devices. The same pictures with the same name are the same pack. */
  new_sticker_pack: { params: NewStickerPackParams; result: StickerPackAddedResult };
  /** Fetches the pack of stickers that a message brings (its media's kind is sticker_pack), and keeps it, on all own devices. file_progress notices come until then. */
  add_sticker_pack: { params: AddStickerPackParams; result: StickerPackAddedResult };
  /** The packs of stickers that this account has. */
  list_sticker_packs: { params: ListStickerPacksParams; result: StickerPacksResult };
  /** The picture of one sticker, to be shown. */
  read_sticker: { params: ReadStickerParams; result: StickerFoundResult };
  /** Forgets a pack of stickers, on all own devices. What was sent of it stays where it was sent. */
  remove_sticker_pack: { params: RemoveStickerPackParams; result: NothingResult };
  /** Sends a sticker: a file whose media's kind is sticker, as send_file does it. */
  send_sticker: { params: SendStickerParams; result: MessageQueuedResult };
  /** Sends a whole pack of stickers, for others to add: a file whose media's kind is sticker_pack. */
  share_sticker_pack: { params: ShareStickerPackParams; result: MessageQueuedResult };
  /** Has the home wake this device by its browser's push service when something waits and it is not connected, or not any more. Home and push service learn of each other, and the service when something comes: ask people first. */
  set_web_push: { params: SetWebPushParams; result: NothingResult };
  /** Asks the home how it wakes this device's browser, and with which key it would. */
  read_web_push: { params: ReadWebPushParams; result: WebPushInfoResult };
  /** Asks the own home where people find its page. An invite is handed on as that address, "#invite=" and the percent-encoded link: whoever opens it needs nothing but a browser. */
  find_page: { params: FindPageParams; result: PageFoundResult };
  /** Asks the own home for a link by which one newcomer can have an account there, to be handed on with an invite: as "#home=" and the percent-encoded link, "&invite=...". A home gives each a few a day, and none to whom a member let in during the last one to two weeks (wire_quota_full). */
  make_home_link: { params: MakeHomeLinkParams; result: HomeLinkMadeResult };
  /** Begins a call in a group of up to a hundred: all devices of all members ring for a while, and see after that that it goes on. If one goes on there already, comes into that one. group_call_changed says who is in it. */
  start_group_call: { params: StartGroupCallParams; result: GroupCallTakenResult };
  /** Comes into a call of a group. Of each two devices in it, the page of one offers (`offers` of group_call_peer), as soon as group_call_changed tells of the other. */
  join_group_call: { params: JoinGroupCallParams; result: GroupCallTakenResult };
  /** Lets a call of a group not ring any more, on all own devices. It can be joined all the same. */
  ignore_group_call: { params: IgnoreGroupCallParams; result: NothingResult };
  /** Calls the other account of a chat of two: all its devices ring, for a minute. call_changed says how it goes on. */
  start_call: { params: StartCallParams; result: CallTakenResult };
  /** Takes the call that rings here: all other devices stop. This side's page offers at once, by send_call_signal. */
  accept_call: { params: AcceptCallParams; result: CallTakenResult };
  /** Takes a call of two over that another own device is in (`elsewhere` of read_calls). The other side's person does nothing for it, and hears the other device until media flow here. It is answered at once, in state taking; call_changed says whether it comes here (connecting) or stays where it was. */
  take_over_call: { params: TakeOverCallParams; result: CallTakenResult };
  /** Does not take the call that rings here, for all own devices. */
  decline_call: { params: DeclineCallParams; result: NothingResult };
  /** Ends the call of this device wherever it stands; leaves it if it is a group's. */
  end_call: { params: EndCallParams; result: NothingResult };
  /** Holds a call, or goes on: both pages stop sending and playing, or begin again. */
  hold_call: { params: HoldCallParams; result: NothingResult };
  /** Says something to the page of the other device of the call, end-to-end encrypted: descriptions, candidates, keys of frames. It may be lost: say it again if no answer comes. */
  send_call_signal: { params: SendCallSignalParams; result: NothingResult };
  /** The page says whether media flow, whenever that or the way changes, and every 10 seconds or so while they do. A call without media ends by itself: after 30 seconds, or after 45 if they flowed before. In a call of a group this says that the page is there: a minute without, and this device leaves. */
  say_call_media: { params: SayCallMediaParams; result: NothingResult };
  /** Tells the call of this device, and those of the past that it knows of. */
  read_calls: { params: ReadCallsParams; result: CallsResult };
  /** Asks the own home for relays that a call may use, with names and words that are good for some hours. None: the home has none. */
  read_call_relays: { params: ReadCallRelaysParams; result: CallRelaysResult };
  /** Asks the own home for a room of its forwarding unit, for the call of a group that this device is in: with one more than four can be in it. Its key is said to the others' pages by send_call_signal. */
  open_call_room: { params: OpenCallRoomParams; result: CallRoomOpenedResult };
  /** Asks a room of a forwarding unit for something: whoever has its key and is in the call. */
  ask_call_room: { params: AskCallRoomParams; result: CallRoomAnswerResult };
  /** Shows the token. On a socket it has to be the first line, and nothing is told before; a wrong one ends the connection. On standard input it is not needed. */
  authenticate: { params: AuthenticateParams; result: NothingResult };
  /** Chooses which notices are told on this connection from now on, instead of all. Answers are not touched. */
  subscribe: { params: SubscribeParams; result: NothingResult };
  /** Takes in a file that WhatsApp (txt, zip) or Telegram Desktop (JSON) has exported; its chats can only be read. What was taken in before is known. Of a file that breaks off, what was read stays, and the error says why: those that begin with imports_, zip_ or cli_. Done by the program around the engine; in a browser by the page's worker, with a file that the page lends it. */
  import_chat: { params: ImportChatParams; result: ChatImportedResult };
  /** Writes a chat into a folder, as a page to read and as JSON lines, not encrypted. Without its files, and without what is to disappear. Only where the engine has a program around it: not in a browser. */
  export_chat: { params: ExportChatParams; result: ChatExportedResult };
  /** Writes all chats with their files into one sealed file, or goes on with it: what is new is added, what was changed since says what it says now, and what is known here to be taken back is removed. What this device does not have stays in it: it may be a new device, or have deleted a chat. Without what is to disappear. The file that was there stays until the new one is whole. Errors that begin with archive_ or cli_ say what is wrong with it. Done by the program around the engine; in a browser by the page's worker, with a file that the page lends it, and the page saves the new one. */
  archive_chats: { params: ArchiveChatsParams; result: ChatsArchivedResult };
  /** Takes the chats of an archive in; they can only be read. Chats that this device has itself stay as they are. A damaged archive is not taken in at all. Done by the program around the engine; in a browser by the page's worker, with a file that the page lends it. */
  restore_chats: { params: RestoreChatsParams; result: ChatsRestoredResult };
  /** Looks for the way to the home now, instead of when the pause after the last try is over. What comes of it is told by connection_changed. cli_locked. */
  look_for_home: { params: LookForHomeParams; result: HomeLookedForResult };
  /** How the lock of the profile stands. `godwit web` has one, if the profile does not open by a key file: else cli_no_lock. */
  read_lock: { params: ReadLockParams; result: LockStateResult };
  /** Sets, changes or takes away the passphrase of the profile. Nobody can get it back. As read_lock; cli_profile_no_access and store_disk_full if it cannot be written: then nothing is changed. */
  set_lock: { params: SetLockParams; result: LockStateResult };
  /** Another time after which it closes, by the same passphrase. As set_lock; cli_no_lock also if the lock is not on. */
  set_lock_minutes: { params: SetLockMinutesParams; result: LockStateResult };
  /** Closes the profile: every connection ends, what was said is sent (for 5 s at most), its keys are wiped, nothing comes in, and whoever comes is answered cli_locked until somebody gives the passphrase. What came in before it was closed is read from the chats: no notice tells of it. As read_lock, also when the lock is not on. */
  lock_now: { params: LockNowParams; result: LockStateResult };
  /** Opens a profile that was closed. One that is open stays so, whatever is given. */
  unlock: { params: UnlockParams; result: LockStateResult };
  /** Somebody is there: the time until it closes begins anew. As read_lock. */
  note_activity: { params: NoteActivityParams; result: LockStateResult };
}

// ---- notices ----

/** A message came in and is safe on this device's disk. */
export interface MessageReceivedNotice {
  /** where */
  chat: ChatId;
  /** what */
  message: Message;
}

/** A message of one's own has come further. */
export interface MessageMovedNotice {
  /** where */
  chat: ChatId;
  /** which */
  id: MessageId;
  /** how far */
  delivery: Delivery;
}

/** A chat is new or has changed: the peer came in, a name, a key. */
export interface ChatChangedNotice {
  /** the chat as it is now */
  chat: Chat;
}

/** One honest line about how this device is connected. */
export interface ConnectionChangedNotice {
  /** how it is connected */
  connection: ConnectionState;
  /** by which way, as a URI */
  route: string;
  /** of offline: what stands in the way */
  why: ErrorRecord | null;
  /** how that way carries the bytes */
  carrier: Carrier;
  /** what it shows to whoever watches */
  look: Look;
  /** connections do not last here: messages go in small exchanges, and long ones in parts */
  small: boolean;
  /** of connecting: how many ways are tried at this moment */
  trying: number;
  /** of connected: there is no connection, but letters by mail are answered, within minutes */
  by_mail: boolean;
  /** some contacts' homes are not reached but through the own home */
  through_home: boolean;
  /** how many chats have their other side connected over the local network, whatever the home does */
  nearby: number;
  /** the own home has no room left (wire_home_full): what it is to keep waits on this device, and is tried again by itself; false when it has taken something again, or was not asked for 15 minutes */
  home_full: boolean;
  /** the same of a home of somebody else, to which something from here goes */
  others_full: boolean;
}

/** Something that the person should know and Godwit cannot mend by itself. */
export interface TroubleNotice {
  /** what it is */
  error: ErrorRecord;
}

/** How far a file is; at most four times a second for each. */
export interface FileProgressNotice {
  /** where; null: in a channel */
  chat: ChatId | null;
  /** where; null: in a chat */
  channel: ChannelId | null;
  /** which; in a channel: the id of the file */
  message: MessageId;
  /** true: to the home; false: from it */
  sending: boolean;
  /** bytes of the file */
  done: number;
  /** bytes of the whole file */
  total: number;
  /** it goes on when pause_file says so */
  paused: boolean;
  /** why it does not go on; with the action retry_later it is tried again by itself */
  error: ErrorRecord | null;
}

/** Something was done to a message: edited, taken back, pinned, reacted or voted to. */
export interface MessageChangedNotice {
  /** where */
  chat: ChatId;
  /** as it is now */
  message: Message;
}

/** A message has disappeared: nothing of it is on this device any more. */
export interface MessageGoneNotice {
  /** where */
  chat: ChatId;
  /** which */
  id: MessageId;
}

/** Somebody writes, or has stopped. What is not said again within 10 seconds is over. */
export interface TypingNotice {
  /** where */
  chat: ChatId;
  /** who */
  account: AccountId;
  /** false: has stopped */
  typing: boolean;
}

/** Who is in a group, what somebody is there, or a setting has changed. */
export interface MembersChangedNotice {
  /** which group */
  chat: ChatId;
  /** who came */
  joined: AccountId[];
  /** who went */
  left: AccountId[];
}

/** Somebody in a chat calls himself otherwise now. Show it among the messages: anybody may take anybody's name. */
export interface MemberRenamedNotice {
  /** where */
  chat: ChatId;
  /** who */
  account: AccountId;
  /** the name of before */
  before: string;
  /** the name of now */
  name: string;
}

/** What others are shown of this account was changed, here or on another own device (read_account tells), or its name at the home on another own device (read_name). */
export type AccountChangedNotice = Record<string, never>;

/** All messages of a chat up to this position are no more. */
export interface HistoryClearedNotice {
  /** which */
  chat: ChatId;
  /** the last of them */
  through: Position;
}

/** A chat is no more on this device: it was deleted, here or on another one. */
export interface ChatGoneNotice {
  /** which */
  chat: ChatId;
}

/** The number of contact requests that wait has changed. */
export interface ContactRequestsChangedNotice {
  /** how many */
  count: number;
}

/** An invite for many has led to as many chats as it may, and lets nobody in any more. */
export interface OpenInviteUsedUpNotice {
  /** which */
  invite: InviteId;
  /** how many */
  chats: number;
}

/** A post came, or one was edited, and is safe on this device's disk. */
export interface ChannelPostedNotice {
  /** where */
  channel: ChannelId;
  /** what */
  post: PostShown;
  /** whether it is new to its reader: not his own, not an edit of what he has, not there when he began to follow, not seen on another own device */
  news: boolean;
}

/** A channel was described anew, was read or set (also on another own device), has lost posts, is not given whole by its home, or cannot be read any more. */
export interface ChannelChangedNotice {
  /** the channel as it is now */
  channel: Channel;
}

/** A new device holds the secret of the offer. Show its name and the number, which its own screen shows too, and ask the person: confirm_linking. */
export interface DeviceAsksNotice {
  /** of the new device */
  name: string;
  /** six digits */
  check: string;
}

/** On the new device: the number that the other screen shows too. */
export interface LinkingCheckedNotice {
  /** six digits */
  check: string;
}

/** An offer, or a linking, is over. */
export interface LinkingEndedNotice {
  /** of the device, if it was said */
  name: string;
  /** why it is not linked; null: it is */
  error: ErrorRecord | null;
}

/** The list of own devices has changed. */
export type DevicesChangedNotice = Record<string, never>;

/** The number of those who wait for an admin of a group has changed. */
export interface JoinRequestsChangedNotice {
  /** which group */
  chat: ChatId;
  /** how many */
  count: number;
}

/** This account was not let into a group. */
export interface JoinRefusedNotice {
  /** which group */
  chat: ChatId;
  /** as the link called it */
  name: string;
  /** why */
  error: ErrorRecord;
}

/** Somebody else has a new device in a chat. The other devices of that person vouch for it, which a thief of one of them could do as well: the person should be asked. */
export interface ContactDevicesChangedNotice {
  /** in which chat */
  chat: ChatId;
  /** whose device */
  account: AccountId;
  /** as that person calls himself */
  name: string;
  /** the safety number was compared: nothing is said in this chat until acknowledge_devices or mark_verified */
  held: boolean;
}

/** The log of a chat goes on at another home, since the one where it was is gone. What only that one knew is lost. */
export interface LogMovedNotice {
  /** which */
  chat: ChatId;
  /** who says so */
  by: AccountId;
  /** where it is now */
  host: string;
}

/** A pack of stickers was added or removed, here or on another own device: list_sticker_packs tells. */
export type StickerPacksChangedNotice = Record<string, never>;

/** The home wakes this device no more: its push service does not know it, or the account lives at another home. Whoever still wants it subscribes anew. */
export type WebPushEndedNotice = Record<string, never>;

/** A group has a new line: somebody came or went, or something was changed; or a chat of two has one of a call. It stands among the messages and is none (message_kind line): nobody has said it, it is not unread, and nothing is to be done with it but to show it. */
export interface LineAddedNotice {
  /** which chat */
  chat: ChatId;
  /** the line */
  message: Message;
}

/** The call of this device is new (state ringing_here: ring), stands otherwise, or is over (state over, told once). */
export interface CallChangedNotice {
  /** as it stands */
  call: Call;
}

/** A call of a group is new (state ringing: ring), somebody has come into it or left, or it is over for this device (state over). */
export interface GroupCallChangedNotice {
  /** as it stands */
  call: GroupCall;
}

/** Other own devices are in other calls of two than before. They say so every 20 seconds, so who comes back knows of it soon. */
export interface CallsElsewhereNotice {
  /** all of them; of before none is left */
  calls: CallElsewhere[];
}

/** The page of another device in the call has said something to this side's. */
export interface CallSignalNotice {
  /** which */
  call: CallId;
  /** what */
  data: string;
  /** of a call of a group: which device; else null */
  from: DeviceId | null;
}

/** How far import_chat is, told on the connection that has asked for it. */
export interface ImportProgressNotice {
  /** as it was named */
  file: string;
  /** that were read so far */
  messages: number;
}

/** How far archive_chats or restore_chats is, told on the connection that has asked for it. */
export interface ArchiveProgressNotice {
  /** as it was named */
  file: string;
  /** that were looked at so far; when archiving each is looked at twice */
  messages: number;
}

/** The profile that was closed is open again, by whoever gave the passphrase: read what is shown. When it closes there is no notice: every connection ends with cli_locked. */
export type UnlockedNotice = Record<string, never>;

export interface Notices {
  message_received: MessageReceivedNotice;
  message_moved: MessageMovedNotice;
  chat_changed: ChatChangedNotice;
  connection_changed: ConnectionChangedNotice;
  trouble: TroubleNotice;
  file_progress: FileProgressNotice;
  message_changed: MessageChangedNotice;
  message_gone: MessageGoneNotice;
  typing: TypingNotice;
  members_changed: MembersChangedNotice;
  member_renamed: MemberRenamedNotice;
  account_changed: AccountChangedNotice;
  history_cleared: HistoryClearedNotice;
  chat_gone: ChatGoneNotice;
  contact_requests_changed: ContactRequestsChangedNotice;
  open_invite_used_up: OpenInviteUsedUpNotice;
  channel_posted: ChannelPostedNotice;
  channel_changed: ChannelChangedNotice;
  device_asks: DeviceAsksNotice;
  linking_checked: LinkingCheckedNotice;
  linking_ended: LinkingEndedNotice;
  devices_changed: DevicesChangedNotice;
  join_requests_changed: JoinRequestsChangedNotice;
  join_refused: JoinRefusedNotice;
  contact_devices_changed: ContactDevicesChangedNotice;
  log_moved: LogMovedNotice;
  sticker_packs_changed: StickerPacksChangedNotice;
  web_push_ended: WebPushEndedNotice;
  line_added: LineAddedNotice;
  call_changed: CallChangedNotice;
  group_call_changed: GroupCallChangedNotice;
  calls_elsewhere: CallsElsewhereNotice;
  call_signal: CallSignalNotice;
  import_progress: ImportProgressNotice;
  archive_progress: ArchiveProgressNotice;
  unlocked: UnlockedNotice;
}

// ---- errors ----

/** The number of each error that can reach people, by its name. */
export const kErrors = {
  session_bad_handshake: 400,
  session_version_unsupported: 401,
  session_handshake_timeout: 402,
  session_too_many_handshakes: 403,
  session_work_refused: 404,
  session_too_much_work: 405,
  session_unknown_ticket: 406,
  session_bad_record: 410,
  session_rekey_overdue: 411,
  session_nonce_exhausted: 412,
  session_bad_frame: 420,
  session_too_many_requests: 421,
  session_message_too_large: 422,
  session_credit_exceeded: 423,
  session_stream_reused: 424,
  session_outbox_full: 425,
  session_no_such_stream: 426,
  session_not_in_first_flight: 427,
  session_kind_settled: 428,
  session_goodbye: 430,
  session_peer_silent: 431,
  session_idle: 432,
  session_closed: 433,
  session_pipe_lost: 434,
  session_going_down: 435,
  session_bad_ticket: 440,
  session_bad_sealed_request: 441,
  session_sealed_replay: 442,
  wire_unknown_request: 500,
  wire_malformed: 501,
  wire_too_large: 502,
  wire_wrong_session_kind: 503,
  wire_proof_refused: 510,
  wire_admission_refused: 511,
  wire_address_refused: 512,
  wire_log_refused: 513,
  wire_proof_of_work_refused: 514,
  wire_id_taken: 515,
  wire_no_such_mailbox: 516,
  wire_sealed_refused: 517,
  wire_blob_refused: 518,
  wire_no_such_blob: 519,
  wire_quota_full: 520,
  wire_too_many_requests: 521,
  wire_unavailable: 522,
  wire_no_key_package: 523,
  wire_nobody_connected: 524,
  wire_no_such_transfer: 525,
  wire_home_unreachable: 526,
  wire_home_full: 527,
  wire_link_not_home: 530,
  wire_link_damaged: 531,
  wire_link_newer: 532,
  wire_not_bundle: 535,
  wire_bundle_damaged: 536,
  wire_bundle_newer: 537,
  wire_name_refused: 540,
  wire_name_taken: 541,
  wire_has_name: 542,
  wire_no_such_channel: 543,
  wire_channel_refused: 544,
  wire_channel_moved: 545,
  wire_no_such_meeting: 550,
  wire_list_moved: 551,
  wire_web_push_off: 555,
  wire_calls_off: 556,
  wire_no_such_call_room: 557,
  routes_bad_route: 600,
  routes_unknown_scheme: 601,
  routes_bad_proxy: 620,
  proxy_login_refused: 621,
  proxy_refused: 622,
  proxy_target_unreachable: 623,
  proxy_invalid_response: 624,
  transport_version_refused: 630,
  transport_environment_refused: 631,
  transport_proxy_refused: 632,
  transport_not_served: 633,
  dns_invalid_message: 640,
  routes_bad_resolver_list: 641,
  engine_no_account: 700,
  engine_account_exists: 701,
  engine_no_such_chat: 702,
  engine_ambiguous_name: 703,
  engine_too_long: 704,
  engine_not_text: 705,
  engine_outbox_full: 706,
  engine_routes_full: 707,
  engine_no_such_route: 708,
  engine_link_damaged: 710,
  engine_link_not_godwit: 711,
  engine_link_newer: 712,
  engine_link_own: 713,
  engine_link_known: 714,
  engine_invite_used: 715,
  engine_invite_refused: 716,
  engine_invite_forged: 717,
  engine_link_other: 718,
  engine_wrong_home: 720,
  engine_not_connected: 721,
  engine_refused_by_home: 722,
  engine_wrong_passphrase: 730,
  engine_profile_damaged: 731,
  engine_profile_newer: 732,
  engine_profile_rolled_back: 733,
  engine_recovery_key_mistyped: 734,
  engine_profile_older: 735,
  engine_bad_envelope: 740,
  engine_bad_content: 741,
  engine_bad_device_list: 742,
  engine_bad_log_entry: 743,
  engine_chat_stuck: 750,
  engine_log_flooded: 751,
  engine_no_commit: 752,
  engine_not_bundle: 760,
  engine_bundle_damaged: 761,
  engine_bundle_newer: 762,
  engine_no_such_file: 770,
  engine_file_too_large: 771,
  engine_file_changed: 772,
  engine_file_gone: 773,
  engine_file_damaged: 774,
  engine_transfers_full: 775,
  engine_part_missing: 776,
  engine_file_paused: 777,
  engine_not_bulletin: 790,
  engine_bulletin_damaged: 791,
  engine_bulletin_newer: 792,
  engine_bulletin_forged: 793,
  engine_bulletin_old: 794,
  engine_bulletin_unknown_home: 795,
  engine_no_bulletin: 796,
  engine_bad_mail_account: 798,
  api_not_json: 800,
  api_not_a_request: 801,
  api_unknown_method: 802,
  api_unknown_field: 803,
  api_missing_field: 804,
  api_wrong_type: 805,
  api_line_too_long: 806,
  api_too_many_pending: 807,
  api_not_authenticated: 808,
  api_unknown_notice: 809,
  api_not_reading: 810,
  api_too_many_programs: 811,
  store_disk_full: 900,
  store_corrupted: 901,
  store_unavailable: 902,
  store_locked: 903,
  store_no_access: 904,
  store_newer_version: 905,
  store_overtaken: 906,
  store_old_server: 907,
  store_unfit_stream: 908,
  unknown_failure: 1000,
  connection_refused: 1001,
  connection_reset: 1002,
  host_unreachable: 1003,
  network_unreachable: 1004,
  generic_timeout_error: 1005,
  eof_error: 1006,
  dns_nxdomain_error: 1007,
  dns_temporary_failure: 1008,
  dns_no_answer: 1009,
  ssl_failed_handshake: 1020,
  ssl_unknown_authority: 1021,
  ssl_invalid_hostname: 1022,
  ssl_invalid_certificate: 1023,
  ssl_pin_mismatch: 1024,
  ssl_broken_record: 1025,
  http_upgrade_refused: 1040,
  http_invalid_response: 1041,
  websocket_protocol_error: 1042,
  transport_program_missing: 1050,
  transport_program_hangs: 1051,
  transport_program_ended: 1052,
  pipe_closed_by_us: 1060,
  pipe_closed_by_peer: 1061,
  pipe_full: 1062,
  pipe_closed: 1063,
  address_in_use: 1080,
  address_forbidden: 1081,
  bad_address: 1082,
  certificate_unreadable: 1083,
  private_key_unreadable: 1084,
  private_key_is_not_the_certificates: 1085,
  site_folder_unreadable: 1086,
  bad_net_option: 1087,
  system_resources: 1088,
  bad_socket_path: 1089,
  mail_login_refused: 1090,
  mail_letter_refused: 1091,
  mail_provider_busy: 1092,
  mail_without_tls: 1093,
  bad_mail_account: 1094,
  mail_letter_unreadable: 1095,
  mail_invalid_response: 1096,
  mail_letter_returned: 1097,
  mail_queue_full: 1098,
  cli_no_profile: 1200,
  cli_profile_exists: 1201,
  cli_profile_in_use: 1202,
  cli_profile_no_access: 1203,
  cli_no_passphrase: 1210,
  cli_passphrases_differ: 1211,
  cli_passphrase_file: 1212,
  cli_key_file: 1213,
  cli_key_file_exists: 1214,
  cli_key_file_wanted: 1215,
  cli_passphrase_wanted: 1216,
  cli_timed_out: 1220,
  cli_interrupted: 1221,
  cli_no_input: 1222,
  cli_crypto_unready: 1223,
  cli_still_queued: 1224,
  cli_no_name: 1225,
  cli_no_output: 1226,
  cli_file_no_access: 1227,
  cli_file_exists: 1228,
  cli_not_confirmed: 1229,
  cli_profile_served: 1230,
  cli_token_file: 1231,
  cli_number_differs: 1232,
  cli_not_number: 1233,
  cli_no_page: 1234,
  cli_locked: 1235,
  cli_no_lock: 1236,
  cli_bad_day: 1239,
  engine_not_member: 1400,
  engine_not_allowed: 1401,
  engine_no_such_member: 1402,
  engine_not_group: 1403,
  engine_not_direct: 1404,
  engine_no_such_contact: 1405,
  engine_group_full: 1406,
  engine_last_owner: 1407,
  engine_overtaken: 1408,
  engine_bad_setting: 1409,
  engine_too_soon: 1410,
  engine_new_devices: 1411,
  engine_log_is_there: 1412,
  engine_bad_log_move: 1413,
  engine_came_back: 1414,
  engine_no_such_message: 1420,
  engine_not_your_message: 1421,
  engine_not_editable: 1422,
  engine_bad_formatting: 1423,
  engine_bad_reaction: 1424,
  engine_bad_poll: 1425,
  engine_bad_vote: 1426,
  engine_poll_closed: 1427,
  engine_bad_timer: 1428,
  engine_bad_location: 1429,
  engine_bad_contact: 1430,
  engine_not_forwardable: 1431,
  engine_scheduled_full: 1432,
  engine_bad_media: 1433,
  engine_bad_preview: 1434,
  engine_votes_used_up: 1435,
  engine_being_deleted: 1439,
  engine_nothing_to_search: 1440,
  engine_chat_only_kept: 1441,
  engine_bad_name: 1470,
  engine_name_taken: 1471,
  engine_has_name: 1472,
  engine_no_such_name: 1473,
  engine_unknown_name_home: 1474,
  engine_no_such_invite: 1475,
  engine_no_such_request: 1476,
  engine_request_damaged: 1477,
  engine_not_blocked: 1478,
  engine_bad_invite_days: 1479,
  engine_no_such_channel: 1480,
  engine_not_channel_owner: 1481,
  engine_no_such_post: 1482,
  engine_channel_forked: 1483,
  engine_channel_gone: 1484,
  engine_report_damaged: 1485,
  engine_too_much_work: 1486,
  engine_too_many_claims: 1487,
  engine_passcode_short: 1488,
  engine_report_no_proof: 1489,
  engine_code_mistyped: 1500,
  engine_linking_failed: 1501,
  engine_linking_refused: 1502,
  engine_linking_over: 1503,
  engine_linking_taken: 1504,
  engine_nobody_asks: 1505,
  engine_too_many_devices: 1506,
  engine_no_such_device: 1507,
  engine_own_device: 1508,
  engine_device_removed: 1509,
  engine_device_list_full: 1510,
  engine_recovery_key_other: 1511,
  engine_no_such_account: 1512,
  engine_no_backup: 1513,
  engine_bad_sync: 1514,
  engine_history_gap: 1515,
  engine_group_link_expired: 1520,
  engine_group_link_gone: 1521,
  engine_group_link_used_up: 1522,
  engine_group_barred: 1523,
  engine_join_refused: 1524,
  engine_already_in_group: 1525,
  engine_no_such_group_link: 1526,
  engine_no_such_join_request: 1527,
  engine_group_links_full: 1528,
  engine_bad_link_terms: 1529,
  engine_join_unanswered: 1530,
  engine_returning: 1531,
  engine_same_home: 1532,
  engine_move_under_way: 1533,
  engine_home_silent: 1534,
  engine_no_such_sticker_pack: 1535,
  engine_no_such_sticker: 1536,
  engine_bad_sticker_pack: 1537,
  engine_bad_sticker: 1538,
  engine_sticker_packs_full: 1539,
  engine_bad_web_push: 1540,
  engine_no_web_push: 1541,
  engine_in_call: 1545,
  engine_no_such_call: 1546,
  engine_call_not_now: 1547,
  engine_chat_not_ready: 1548,
  engine_call_blocked: 1549,
  engine_no_call_way: 1550,
  engine_call_full: 1551,
  engine_group_call_too_large: 1552,
  engine_bad_call_room: 1553,
  imports_not_export: 1600,
  imports_export_damaged: 1601,
  imports_export_too_large: 1602,
  imports_zip_damaged: 1610,
  imports_zip_bomb: 1611,
  imports_zip_no_chat: 1612,
  archive_not_archive: 1620,
  archive_cut: 1621,
  archive_damaged: 1622,
  archive_other_key: 1623,
  archive_newer: 1624,
  archive_other_lock: 1625,
  archive_other_account: 1626,
  archive_no_secret: 1627,
  browser_cannot_mail: 1700,
  browser_cannot_dial_route: 1701,
  ssl_browser_cannot_pin: 1702,
  browser_file_gone: 1703,
  browser_keeps_no_files: 1704,
  browser_stopped: 1705,
  browser_part_not_there: 1706,
} as const;

export type ErrorName = keyof typeof kErrors;
