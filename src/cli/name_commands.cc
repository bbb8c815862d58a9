// name, request, requests, invites, block, unblock, blocked.

#include "cli/name_commands.h"

#include <algorithm>

#include "api/rpc_peer.h"
#include "cli/errors.h"
#include "cli/handed_on.h"
#include "engine/errors.h"
#include "engine/request_link.h"

namespace godwit::cli {
namespace {

// Proof of work and two slow hashes may come before the home is asked.
constexpr Duration kStrangerLimit = seconds(60);

Result<std::string> read_passcode(const NameOptions& options) {
  if (options.passcode_file.empty()) return std::string();
  SecretSources sources;
  sources.passphrase_file = options.passcode_file;
  const auto secret = TRY(obtain_passphrase(sources, false));
  return std::string(reinterpret_cast<const char*>(secret.reveal().data()), secret.size());
}

Result<engine::NameResolved> find_name(Client& client, const NameOptions& options) {
  engine::ResolveName command{options.name, TRY(read_passcode(options)), options.home};
  return client.ask<engine::NameResolved>(std::move(command), "asking the home for the name", kStrangerLimit);
}

// The one whose id begins so. kNotThere: none, or several.
template <typename Items, typename IdOf>
auto find_by_digits(const Items& items, std::string_view digits, IdOf id_of, Error not_there)
    -> Result<std::remove_cvref_t<decltype(id_of(items.front()))>> {
  std::optional<std::remove_cvref_t<decltype(id_of(items.front()))>> found;
  for (const auto& each : items) {
    if (digits.empty() || !to_hex(id_of(each).view()).starts_with(digits)) continue;
    if (found) return not_there;
    found = id_of(each);
  }
  if (!found) return not_there;
  return *found;
}

Result<std::vector<engine::ContactRequestInfo>> waiting_requests(Client& client) {
  return TRY(client.ask<engine::ContactRequests>(engine::ListContactRequests{})).requests;
}

// Those that lie at the home are taken in first.
Status take_in(Client& client) {
  const auto connected = [&] {
    return client.connection() && client.connection()->connection == engine::Connection::kConnected;
  };
  const Status waited = client.wait(connected, "asking the home", seconds(5));
  if (!waited && waited.error().code != kTimedOut) return waited;
  const Status slept = client.wait_quietly([] { return false; }, milliseconds(waited ? 1000 : 0));
  return slept || slept.error().code == kTimedOut ? Status{} : slept;
}

Result<engine::ContactRequestId> find_request(Client& client, const std::string& digits) {
  const Error none{engine::kNoSuchRequest, "one contact request whose id begins so"};
  const auto requests = TRY(waiting_requests(client));
  return find_by_digits(requests, digits, [](const auto& each) { return each.request; }, none);
}

Status send_request(Client& client, const std::string& link, const std::string& greeting) {
  TRY(client.ask<engine::RequestSent>(engine::SendContactRequest{link, greeting}, "handing in the contact request",
                                      kStrangerLimit));
  print_note("The request is at the other one's home. The chat is there once it is accepted.");
  return {};
}

// An account by its 64 digits, or the other one of a chat of two.
Result<engine::AccountId> find_account(Client& client, const std::string& who) {
  Bytes bytes;
  engine::AccountId account;
  if (from_hex(who, bytes) && engine::AccountId::from(bytes, account)) return account;
  const auto chat = TRY(find_chat(client, who));
  REQUIRE(!chat.group, engine::kNotDirect, "a chat of two names its other one");
  return chat.peer;
}

}  // namespace

Status run_name(Context& context) {
  const auto client = TRY(open_client(context, false));
  const auto state = TRY(client->ask<engine::NameState>(engine::ReadName{}));
  if (state.name.empty()) {
    print_note("This account has no name. `godwit name claim NAME` takes one.");
    return {};
  }
  REQUIRE(print_out(state.name + (state.passcode ? "  with a passcode\n" : "\n")), kNoOutput, "write");
  return {};
}

Status run_name_claim(Context& context, const NameOptions& options) {
  engine::ClaimName command{options.name, TRY(read_passcode(options))};
  const auto client = TRY(open_client(context, true));
  const auto claimed = TRY(client->ask<engine::NameClaimed>(std::move(command), "claiming the name", kStrangerLimit));
  REQUIRE(print_out(claimed.name + "\n"), kNoOutput, "write");
  return {};
}

Status run_name_release(Context& context) {
  const auto client = TRY(open_client(context, true));
  TRY(client->ask<engine::Nothing>(engine::ReleaseName{}, "giving the name back"));
  return client->wait_idle("finishing", seconds(5));
}

Status run_name_find(Context& context, const NameOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto found = TRY(find_name(*client, options));
  const std::string out = "name     " + safe_line(found.name) + "\naccount  " + to_hex(found.account.view()) +
                          "\nlink     " + found.link + "\n";
  REQUIRE(print_out(out), kNoOutput, "write");
  return {};
}

Status run_request(Context& context, const NameOptions& options) {
  const auto client = TRY(open_client(context, true));
  std::string link = link_in(options.name);
  if (!engine::is_request_link(link)) link = TRY(find_name(*client, options)).link;
  return send_request(*client, link, options.greeting);
}

Status run_requests(Context& context, const RequestsOptions& options) {
  const auto client = TRY(open_client(context, true));
  TRY(take_in(*client));
  const auto waiting = TRY(client->ask<engine::ContactRequests>(engine::ListContactRequests{}));
  std::string out;
  for (const engine::ContactRequestInfo& each : waiting.requests) {
    out += to_hex(each.request.view()).substr(0, 12) + "  " + print_time(each.received) + "\n";
  }
  if (options.json) out = api::answer_json(waiting) + "\n";
  if (out.empty()) print_note("No contact request waits.");
  REQUIRE(print_out(out), kNoOutput, "write");
  return {};
}

Status run_requests_open(Context& context, const RequestsOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto request = TRY(find_request(*client, options.request));
  const auto opened = TRY(client->ask<engine::ContactRequestOpened>(engine::OpenContactRequest{request}));
  std::string out = "name     " + safe_line(opened.name) + "\naccount  " + to_hex(opened.account.view()) + "\n";
  if (!opened.greeting.empty()) out += "says     " + safe_line(opened.greeting) + "\n";
  REQUIRE(print_out(out), kNoOutput, "write");
  return {};
}

Status run_requests_accept(Context& context, const RequestsOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto request = TRY(find_request(*client, options.request));
  const auto made = TRY(client->ask<engine::ChatMade>(engine::AcceptContactRequest{request}, "making the chat"));
  REQUIRE(print_out(to_hex(made.chat.chat.view()) + "  " + safe_line(made.chat.name) + "\n"), kNoOutput, "write");
  return client->wait_idle("sending the welcome", seconds(30));
}

Status run_requests_decline(Context& context, const RequestsOptions& options) {
  const auto client = TRY(open_client(context, false));
  const auto request = TRY(find_request(*client, options.request));
  TRY(client->ask<engine::Nothing>(engine::DeclineContactRequest{request}));
  return {};
}

Status run_requests_decline_all(Context& context) {
  const auto client = TRY(open_client(context, false));
  TRY(client->ask<engine::Nothing>(engine::DeclineContactRequests{}));
  return {};
}

Status run_invites(Context& context, const InvitesOptions& options) {
  const auto client = TRY(open_client(context, false));
  const auto single = TRY(client->ask<engine::Invites>(engine::ListInvites{}));
  std::string out;
  for (const engine::InviteInfo& each : single.invites) {
    out += to_hex(each.invite.view()).substr(0, 12) + "  until " + print_time(each.expires) + "  for one person  " +
           each.link + "\n";
  }
  if (options.single) {
    if (options.json) out = api::answer_json(single) + "\n";
    REQUIRE(print_out(out), kNoOutput, "write");
    return {};
  }
  const auto open = TRY(client->ask<engine::OpenInvites>(engine::ListOpenInvites{}));
  for (const engine::OpenInviteInfo& each : open.invites) {
    out += to_hex(each.invite.view()).substr(0, 12) + "  until " + print_time(each.expires) + "  " +
           (each.uses_left == 0 ? "for anybody" : "for " + std::to_string(each.uses_left)) + "  " + each.link + "\n";
  }
  if (options.json) out = api::answer_json(open) + "\n";
  REQUIRE(print_out(out), kNoOutput, "write");
  return {};
}

Status run_invites_make(Context& context, const InvitesOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto made = TRY(client->ask<engine::InviteMade>(engine::MakeOpenInvite{options.uses, options.days},
                                                        "leaving the invite at the home"));
  REQUIRE(print_out(made.link + "\n"), kNoOutput, "write");
  return {};
}

Status run_invites_revoke(Context& context, const InvitesOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto open = TRY(client->ask<engine::OpenInvites>(engine::ListOpenInvites{}));
  const auto single = TRY(client->ask<engine::Invites>(engine::ListInvites{}));
  std::vector<std::pair<wire::Alias, bool>> all;  // and whether it is for one
  for (const engine::OpenInviteInfo& each : open.invites) all.emplace_back(each.invite, false);
  for (const engine::InviteInfo& each : single.invites) all.emplace_back(each.invite, true);
  const Error none{engine::kNoSuchInvite, "one invite whose id begins so"};
  const auto found = TRY(find_by_digits(all, options.invite, [](const auto& each) { return each.first; }, none));
  const bool for_one = std::ranges::find(all, std::pair{found, true}) != all.end();
  if (for_one) TRY(client->ask<engine::Nothing>(engine::RevokeInvite{found}));
  if (!for_one) TRY(client->ask<engine::Nothing>(engine::RevokeOpenInvite{found}));
  return client->wait_idle("telling the home", seconds(30));
}

Status run_block(Context& context, const BlockOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto account = TRY(find_account(*client, options.who));
  TRY(client->ask<engine::Nothing>(engine::BlockAccount{account}));
  REQUIRE(print_out(to_hex(account.view()) + "\n"), kNoOutput, "write");
  return client->wait_idle("telling the home", seconds(30));
}

Status run_unblock(Context& context, const BlockOptions& options) {
  const auto client = TRY(open_client(context, true));
  const auto account = TRY(find_account(*client, options.who));
  TRY(client->ask<engine::Nothing>(engine::UnblockAccount{account}));
  return client->wait_idle("telling the home", seconds(30));
}

Status run_blocked(Context& context) {
  const auto client = TRY(open_client(context, false));
  const auto blocked = TRY(client->ask<engine::BlockedAccounts>(engine::ListBlocked{}));
  std::string out;
  for (const engine::AccountId& each : blocked.accounts) out += to_hex(each.view()) + "\n";
  REQUIRE(print_out(out), kNoOutput, "write");
  return {};
}

}  // namespace godwit::cli
