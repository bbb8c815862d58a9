#pragma once
// What homes say of themselves (wire/bulletin.h): asked of each home once a day, checked, kept, handed on to contacts, and
// taken from anywhere else. From it come further routes to a home, the key by which requests are sealed to it, and its mail
// addresses (docs/protocol/routes.md, "Bulletins").
//
// Whose word counts: an authenticated session with a home names the key that signs its bulletins. From anywhere else a
// bulletin is taken only if that key has signed it and its number is larger than that of the known one; and then for its places alone.
// Requests go on being sealed to the key that such a session has named: who has stolen the key that signs can lead clients
// elsewhere, and not read what they ask.

#include <map>

#include "engine/commands.h"
#include "engine/effects.h"
#include "engine/records.h"

namespace godwit::engine {

struct Chat;
struct Machine;

/// A home is asked this often; more often when what it said ends soon.
constexpr Duration kBulletinEvery = days(1);
constexpr uint32_t kBulletinEndsSoonDays = 3;
constexpr Duration kBulletinEverySoon = hours(6);
/// The one for everybody is asked of the own home on an anonymous session, so long after the mailbox could be reached, at
/// random, so that the two cannot be paired.
constexpr Duration kCommonSpread = minutes(10);
/// Days by which our clock may be wrong, either way.
constexpr uint32_t kClockErrorDays = 1;
/// A contact is handed our home's bulletin with the next thing that is sent, or at a random moment within this time.
constexpr Duration kShareSpread = days(1);
/// And at most so often.
constexpr Duration kShareEvery = days(1);
/// It is handed over again when it says something else, or when the one that the peer has ends within so many days.
constexpr uint32_t kShareAgainDays = 7;
/// When nothing has worked for this long, the mailbox neither, the places are asked that the last bulletin names, one after the other.
constexpr Duration kFetchTextAfter = minutes(3);
constexpr Duration kFetchTextEvery = minutes(15);
/// Homes of which something is kept: contacts' homes are few, and invites of strangers must not fill the disk.
constexpr size_t kBulletinHomesMax = 1'000;

/// What is known of one home.
struct HomeNews {
  BulletinRecord record;
  std::optional<wire::Bulletin> common;
  std::optional<wire::Bulletin> own;
  Bytes sealing_key;  ///< As the home itself has named it; empty: none.
  bool asking_common = false;
  bool asking_own = false;
  Instant not_before{};  ///< After a refusal that may pass.
};

/// What is known of all of them.
struct BulletinBook {
  std::map<wire::HomeKey, HomeNews> homes;
  Instant common_at = kNever;  ///< When our own home is asked for the one for everybody.
  Instant fetch_text_at{};     ///< No text is fetched before.
  size_t next_url = 0;
  std::string fetching;  ///< The URL that was asked for last.
};

/// The chat id of the link that belongs to no chat: what is asked on it has to do with none.
ChatId nobody();

/// Asks what is due.
void pump_bulletins(Machine& m, Instant& wake);
/// Hands our home's bulletin to the chat's peer, if it is time.
void pump_share(Machine& m, Chat& chat);
/// The newest bulletin of a home that is kept, or null. It may have expired: a way that is out of date is better than none.
const wire::Bulletin* bulletin_of(const Machine& m, const wire::HomeKey& home);
/// The key to which requests for a home are sealed, or null.
const Bytes* sealing_key_of(const Machine& m, const wire::HomeKey& home);
/// True if what is known of a home's sealing key and mail ends within kBulletinEndsSoonDays.
bool bulletin_ends_soon(const Machine& m, const wire::HomeKey& home);
/// `home` with the routes that its bulletin for everybody names before its own: for others to see. The routes of the one for this
/// mailbox are nobody else's business.
wire::HomeAddress with_bulletin(const Machine& m, const wire::HomeAddress& home);

/// Takes a bulletin from anywhere. Errors as of TakeBulletin.
Status take_bulletin(Machine& m, const wire::SignedBulletin& bulletin);
/// The same, of its bytes; what is wrong with it is nobody's business.
void take_bulletin_bytes(Machine& m, ByteView bytes);
/// Takes the answer of `home` in a sealed reply to a request that has proved the mailbox: it names the routes that are for this
/// mailbox, and must not be handed on.
void take_proved_bulletin(Machine& m, const wire::HomeKey& home, ByteView bytes);
/// Takes the command TakeBulletin.
void take_bulletin_text(Machine& m, CommandId id, const TakeBulletin& command);
/// Takes the command FindPage.
void find_page(Machine& m, CommandId id);
/// Takes the command MakeHomeLink.
void make_home_link(Machine& m, CommandId id);
/// Takes the command ShareBulletin.
void share_bulletin(Machine& m, CommandId id);
/// A text came from the web.
void on_text_fetched(Machine& m, const TextFetched& event);

/// What was stored.
Status restore_bulletin(Machine& m, BulletinRecord record);
/// The same, after the bulletins; `key` is the record's.
Status restore_sealing_key(Machine& m, ByteView key, SealingKeyRecord record);

}  // namespace godwit::engine
