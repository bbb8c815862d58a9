#pragma once
// The keys of records, and how their values are sealed. A key tells the kind of record, an id and a count, and no more.

#include "engine/ids.h"
#include "engine/profile_key.h"

namespace godwit::engine {

/// With which most records begin; another one is not read.
constexpr uint8_t kRecordVersion = 8;

/// The first byte of every key.
enum class RecordKind : uint8_t {
  kAccount = 'a',
  kInvite = 'b',   ///< by alias
  kChat = 'c',     ///< by chat, like all that follow but those that say otherwise
  kPending = 'f',  ///< and number
  kGroup = 'g',    ///< and the key of an mls::StateChange
  kHistory = 'h',  ///< and position
  kIndex = 'i',    ///< and position
  kCursor = 'k',
  kHomeMove = '@',
  kOutbox = 'o',      ///< and number
  kBulletin = 'n',    ///< by home
  kSealingKey = 'y',  ///< by home
  kShared = 'j',      ///< which bulletin of ours the peer has
  kLetter = 'l',      ///< by the head of its reply
  kMail = 'e',
  kLan = 'v',
  kWebPush = '+',
  kLiveCall = '>',
  kPastCalls = '<',
  kLiveGroupCall = '?',
  kPastEpoch = 'p',  ///< and epoch
  kStaged = 's',
  kRouteMemory = 'm',  ///< routes::RouteMemory
  kAddedRoutes = 'r',
  kTickets = 't',   ///< by chat (zeros: the mailbox) and home
  kUnknown = 'u',   ///< and place: content that a later version may understand
  kTaking = 'x',    ///< by alias
  kUpload = 'w',    ///< and position
  kDownload = 'd',  ///< and position
  kPaused = '=',    ///< and position, of an upload that waits for a person
  kName = 'A',
  kRequestAddress = 'B',  ///< by alias
  kContactRequest = 'K',  ///< by its id
  kBlock = 'X',           ///< by account
  kChannel = 'H',         ///< by channel
  kChannelPost = 'J',     ///< by channel, and sequence
  kChannelMark = '*',     ///< by channel
  kPostUpload = '7',      ///< by channel, and post_file_number() of the draft
  kPostDownload = '8',    ///< by channel, and post_file_number()
  kMember = 'q',          ///< and account
  kIntent = 'G',          ///< and number
  kDoor = 'Y',            ///< by alias
  kJoinRequest = 'U',     ///< by group and account
  kJoining = 'Z',         ///< by group
  kReturn = '9',          ///< by chat
  kProgress = 'z',        ///< and number in the outbox
  kOrder = 'O',           ///< and an OrderKey: where each message of a chat stands
  kPlace = 'P',           ///< and a MessageId: where it is
  kState = 'S',           ///< and position: what has been done to a message
  kWaiting = 'W',         ///< and number: done to a message that has not come
  kPinned = 'N',          ///< and position
  kExpiry = 'E',          ///< and time and position: what disappears
  kTalk = 'T',            ///< what holds for a chat
  kSaid = 'R',            ///< and a MessageId: what is not in the history and may have to be said again
  kSaidIds = 'I',
  kSaidEdits = '6',
  kSpeaker = '!',       ///< and a device's key: who it is
  kChatSettings = 'C',  ///< what its owner has set for a chat
  kScheduled = 'Q',     ///< and number
  kDeletion = '~',
  kPrivacy = 'V',
  kDevices = 'D',
  kLinking = 'L',
  kKeptComing = '^',  ///< by chat
  kSyncOut = 'M',    ///< by zeros and number
  kSyncEarly = '_',  ///< by zeros and number
  kSyncField = 'F',  ///< by a hash of kind and key
  kKeptChat = '0',
  kKeptMessage = '1',    ///< and position
  kStickerPack = '$',    ///< by pack
  kStickerPiece = '%',   ///< by pack, and piece of its file
  kStickersComing = '&',  ///< by pack
  kSearchState = '2',    ///< search_index.h
  kSearchSegment = '3',  ///< by segment
  kSearchTerms = '4',    ///< by segment, and block
  kSearchDocs = '5',     ///< by segment, and block
};

/// The key of the only record of its kind, or the first key of all of them.
Bytes record_key(RecordKind kind);
/// The key of the record of one thing, or the first key of all of them that belong to it.
Bytes record_key(RecordKind kind, ByteView id);
/// The key of a numbered record; keys of one `id` are in the order of their numbers.
Bytes record_key(RecordKind kind, ByteView id, uint64_t number);
/// The key of a record of one thing that has a key of its own there.
Bytes record_key(RecordKind kind, ByteView id, ByteView within);
/// The number at the end of a numbered record's key.
uint64_t number_at_end(ByteView key);
/// The first key after all that start with `prefix`, which is not empty and not all 0xff.
Bytes after_prefix(Bytes prefix);

/// Seals the value of the record `key`: it opens under no other key.
Bytes seal_record(const StorageKey& storage_key, Random& random, ByteView key, ByteView value);
/// The reverse. kProfileDamaged: somebody or something has changed it; write nothing, stop.
Result<crypto::SecretBuffer> open_record(const StorageKey& storage_key, ByteView key, ByteView sealed);

}  // namespace godwit::engine
