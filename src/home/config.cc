#include "home/config.h"

#include <algorithm>
#include <set>

#include "home/call_config.h"
#include "home/config_operation_keys.h"
#include "home/config_values.h"
#include "home/errors.h"
#include "routes/route.h"
#include "wire/replies.h"

namespace godwit::home {
namespace {

// ---- all keys, in the order in which they are printed ---------------------------------------------------------------

template <typename Visit>
void for_each_transport_key(auto& transport, const Visit& visit) {
  visit("name", transport.name);
  visit("program", transport.program);
  visit("listen", transport.listen);
  visit("address", transport.address);
  visit("options", transport.options);
}

// The keys of [mail].
template <typename Visit>
void for_each_mail_key(auto& mail, const Visit& visit) {
  visit("address", mail.address);
  visit("smtp", mail.smtp);
  visit("imap", mail.imap);
  visit("user", mail.user);
  visit("password_file", mail.password_file);
  visit("proxy", mail.proxy);
  visit("poll_seconds", mail.poll);
  visit("answers_hour_max", mail.answers_hour_max);
  visit("answers_hour_one_max", mail.answers_hour_one_max);
}

// The keys of [bulletin] and of [[bridge]].
template <typename Visit>
void for_each_bulletin_key(auto& bulletin, const Visit& visit) {
  visit("mails", bulletin.mails);
  visit("urls", bulletin.urls);
  visit("public_routes", bulletin.public_routes);
}
template <typename Visit>
void for_each_bridge_key(auto& bridge, const Visit& visit) {
  visit("route", bridge.route);
  visit("public", bridge.is_public);
}

// `visit(name, explanation, value)` for each key of `config`.
template <typename ConfigLike, typename Visit>
void for_each_network_key(ConfigLike& config, const Visit& visit) {
  visit("addresses", "IP addresses to listen on. An IPv6 address on a machine without IPv6 is passed over.",
        config.addresses);
  visit("port", "Where to listen. 443 is what every network lets through; 0 takes a free port.", config.port);
  visit("host", "The name or IP address under which clients reach this home; it stands in the links you hand out.",
        config.host);
  visit("path", "The path under which the web site is a home. Whoever does not know it sees an ordinary site.",
        config.path);
  visit("routes", "What the links say instead of wss://host:port/path, best first; empty: just that.", config.routes);
  visit("behind_proxy", "true: a web server on this machine (nginx) does TLS, and addresses are loopback ones.",
        config.behind_proxy);
  visit("certificate", "PEM file of the TLS certificate, and of its private key. Read again at SIGHUP.",
        config.certificate);
  visit("certificate_key", "", config.certificate_key);
  visit("pin_certificate",
        "true: links carry the certificate's hash, and clients accept exactly that one (right for a self-signed\n"
        "certificate). false: clients ask the usual authorities (right for one that is renewed every few months).",
        config.pin_certificate);
  visit("stream_port",
        "A port of 127.0.0.1 for a Tor on this machine: HiddenServicePort 443 127.0.0.1:<this>. 0: none.",
        config.stream_port);
  visit("forward",
        "true: passes sealed requests on to other homes, so that those do not see from where people write. It learns "
        "which\n" "home and how many bytes, nothing else; it connects to public addresses only.",
        config.options.forward);
  visit("forward_private", "true: to addresses of this machine and its networks as well. For labs and tests only.",
        config.forward_private);
  visit("web_push",
        "true: a browser that has asked for it is told, by way of its vendor's push service, that something waits for it. The "
        "service\nlearns when, and this home's address; what is sent is encrypted for the browser and says nothing else.",
        config.web_push);
  visit("web_push_contact",
        "Whom a push service may write to when something is wrong: \"mailto:...\" or \"https://...\". Empty: https:// "
        "and `host`.",
        config.web_push_contact);
  visit("web_push_private",
        "true: push services at addresses of this machine and its networks as well. For labs and tests only.",
        config.web_push_private);
  visit("web_push_authorities",
        "PEM file of the authorities that vouch for push services; empty: the system's. For labs and tests only.",
        config.web_push_authorities);
  visit("site", "Folder of the web site that strangers see; empty: a small built-in page.", config.site);
  visit("page",
        "Where people find Godwit's page (in `site` here, or elsewhere): \"https://...\". It stands in the invites that they hand "
        "on,\nso that whoever gets one needs nothing but a browser. Empty: invites are for those who have the program.",
        config.page);
}

template <typename ConfigLike, typename Visit>
void for_each_call_key(ConfigLike& config, const Visit& visit) {
  auto& calls = config.calls;
  visit("calls",
        "true: people who have a mailbox here can call by way of this home, over its ordinary port. `godwit-home calls enable` sets it,\n"
        "and says what is missing. It starts coturn (Debian: coturn), which nothing but this home reaches.",
        calls.on);
  visit("calls_program", "The program of coturn: a path, or a name that is looked for in PATH.", calls.program);
  visit("calls_urls", "What clients are told instead of turns:host:port?transport=tcp; empty: just that.", calls.urls);
  visit("calls_addresses",
        "IP addresses of this machine from which a call's packets leave; \"public/own\" where a router maps one to the "
        "other. Empty: those\n" "by which it reaches the Internet. The other side's relay sends to these UDP ports.",
        calls.addresses);
  visit("calls_port_first", "", calls.port_first);
  visit("calls_port_last", "", calls.port_last);
  visit("calls_max",
        "Connections of calls at once (one for each of two people, more in a group), of these from one address and "
        "with one\n" "hour's credentials; and how many bytes a second each may carry, either way.",
        calls.connections_max);
  visit("calls_source_max", "", calls.source_max);
  visit("calls_user_max", "", calls.user_max);
  visit("calls_bytes_second_max", "", calls.bytes_second_max);
  visit("calls_udp",
        "true: callers may also come by UDP (TURN, RFC 8656), where nothing speaks for a censor: it costs less delay where packets are lost.\n"
        "A second coturn listens at `calls_udp_port` of `calls_addresses` then, open to the world: whoever asks that port learns that calls are\n"
        "relayed here, and whoever sees it, that somebody calls. `godwit-home calls enable --udp` sets it.",
        calls.udp);
  visit("calls_udp_port", "", calls.udp_port);
  visit(
      "calls_loopback",
      "true: calls may lead to this machine's loopback addresses. For tests only: strangers reach what listens there.",
      calls.loopback);
  visit("calls_unit",
        "true: this home runs a forwarding unit as well, Janus (Debian 12: janus), for calls of more than the four who connect to each other.\n"
        "It forwards what it cannot open. Nothing but this home and those whom its relay lets through reach it.",
        calls.unit);
  visit("calls_unit_program",
        "The program of Janus, as `calls_program`; and the folder with its plugins/ and transports/, empty: where its "
        "package has them.",
        calls.unit_program);
  visit("calls_unit_parts", "", calls.unit_parts);
}

template <typename ConfigLike, typename Visit>
void for_each_storage_key(ConfigLike& config, const Visit& visit) {
  for_each_store_key(config, visit);
  visit("identity_key", "The home's own key. Clients know the home by it: without it they come no more. Back it up.",
        config.identity_key);
  visit("admission_key", "The key that makes admission codes.", config.admission_key);
  visit("sealing_key",
        "The key that opens sealed requests, which come by mail, in files and through other homes. Made at a start if "
        "it is\n" "missing. Back it up: what is sealed to a lost one is lost.",
        config.sealing_key);
  visit("bulletin_key", "The key that signs bulletins. Made at a start if it is missing. Back it up.",
        config.bulletin_key);
  visit("web_push_key",
        "The key by which push services know this home. Made at a start if it is missing. Back it up: without it "
        "browsers\n" "have to ask to be told anew.",
        config.web_push_key);
  visit("ticket_key",
        "The key that seals session tickets in the store; must not be on the store's disk. Empty: a new one at every\n"
        "start, kept in memory (then clients do a full handshake after a restart).",
        config.ticket_key);
  auto& options = config.options;
  visit("admission", "Who may open a mailbox: \"code\" (you hand out codes), \"work\" (a computer works a while for it),\n"
        "or \"code or work\".",
        options.admission);
  visit("mailbox_work_bits", "How much work opens a mailbox: one more doubles it; 20 is about a second.",
        options.mailbox_work_bits);
  visit("log_work_bits", "How much work makes a group; 12 is a few milliseconds.", options.log_work_bits);
  visit(
      "log_idle_days",
      "Group logs that nobody appended to or read for so many days, and up to four weeks more, are removed; 0: never.",
      options.log_idle_days);
  visit("mailbox_idle_days", "Mailboxes that were not used for so many days are dropped; 0: never.",
        options.mailbox_idle_days);
}

template <typename ConfigLike, typename Visit>
void for_each_public_key(ConfigLike& config, const Visit& visit) {
  auto& limits = config.options.limits;
  visit("stranger_addresses_max", "Addresses of one mailbox that take contact requests, and how many wait by each.",
        limits.stranger_addresses_max);
  visit("stranger_items_max", "", limits.stranger_items_max);
  visit("channels_max",
        "Channels of this home, bytes of all together and of one, and how many one mailbox makes a day.",
        limits.channels_max);
  visit("channels_bytes_max", "", limits.channels_bytes_max);
  visit("channel_bytes_max", "", limits.channel_bytes_max);
  visit("channel_new_bytes_max", "", limits.channel_new_bytes_max);
  visit("channel_day_bytes_max", "", limits.channel_day_bytes_max);
  visit("channel_grants_day_max", "", limits.channel_grants_day_max);
  visit("codes_day_max",
        "Where newcomers need a code: how many people each who lives here may bring in in a day, and all of them "
        "together. 0: you hand " "out codes,\nand nobody else does.",
        limits.codes_day_max);
  visit("codes_home_day_max", "", limits.codes_home_day_max);
}

template <typename ConfigLike, typename Visit>
void for_each_limit_key(ConfigLike& config, const Visit& visit) {
  auto& limits = config.options.limits;
  visit("requests_in_flight_max", "Unanswered requests of one session.", limits.requests_in_flight_max);
  visit("mailboxes_max", "Mailboxes of this home.", limits.mailboxes_max);
  visit("addresses_max", "Addresses of one mailbox.", limits.addresses_max);
  visit("address_items_max", "Undelivered items by one address, and their bytes.", limits.address_items_max);
  visit("address_bytes_max", "", limits.address_bytes_max);
  visit("old_token_items_max", "Undelivered items above which an address's old token delivers no more.",
        limits.old_token_items_max);
  visit("queue_items_max", "Undelivered items of one device, and their bytes.", limits.queue_items_max);
  visit("queue_bytes_max", "", limits.queue_bytes_max);
  visit("fetch_bytes_max", "Bytes of one answer.", limits.fetch_bytes_max);
  visit("push_window_bytes", "Bytes pushed to a device that it has not acknowledged.", limits.push_window_bytes);
  visit("takes_burst", "Key packages of one address taken at once, and then one in so many seconds.",
        limits.takes_burst);
  visit("takes_interval_seconds", "", limits.takes_interval);
  visit("tickets_max",
        "Session tickets, at most half of them for sessions without a mailbox. Above, new ones are not kept, and who\n"
        "comes with one does a full handshake.",
        limits.tickets_max);
  visit("sealed_max",
        "Sealed requests that the home remembers to have done, at most half of them of people without a mailbox here.",
        limits.sealed_max);
  visit("forwards_max", "Sealed requests that are being passed on to other homes at once.", limits.forwards_max);
  visit("logs_max", "Group logs of this home. The fuller it is, the more work a new one needs.", limits.logs_max);
  visit("logs_bytes_max", "Bytes of all group logs together, and of one.", limits.logs_bytes_max);
  visit("log_bytes_max", "", limits.log_bytes_max);
  visit("log_bytes_sure",
        "Bytes that one group log may have even when all together have too many, so that a stranger who fills them\n"
        "cannot stop the groups of others. The disk must have room for logs_bytes_max + logs_max * log_bytes_sure.",
        limits.log_bytes_sure);
  visit("log_epochs_max", "Epochs of one group log.", limits.log_epochs_max);
  visit("appends_burst", "Entries appended to one group log at once, and then one in so many seconds.",
        limits.appends_burst);
  visit("appends_interval_seconds", "", limits.appends_interval);
  visit("blobs_bytes_max",
        "Bytes of all files in transit together (each is kept for 30 days), and of those that one mailbox may begin "
        "in\n" "one day. The disk must have room for half as much again while files are being removed.",
        limits.blobs_bytes_max);
  visit("grants_day_bytes_max", "", limits.grants_day_bytes_max);
  visit("self_deliveries_max", "Messages to own devices that wait for their moment, and of one mailbox.",
        limits.self_deliveries_max);
  visit("self_deliveries_mailbox_max", "", limits.self_deliveries_mailbox_max);
  visit("self_delivery_seconds",
        "The longest of these, at least 1. A shorter one shows to whoever watches this home which messages to others "
        "and to\n" "own devices were sent together.",
        limits.self_delivery_wait);
  visit("web_pushes_max", "Pushes on their way to browsers' push services at once; others wait.",
        limits.web_pushes_max);
  visit(
      "transfers_max",
      "Requests that come in parts, at once, in memory, and of one device. When there are more, the slowest give way.",
      limits.transfers_max);
  visit("transfers_owner_max", "", limits.transfers_owner_max);
  visit("transfers_bytes_max", "Their bytes, and how long they are kept when nothing more comes.",
        limits.transfers_bytes_max);
  visit("transfer_life_seconds", "", limits.transfer_life);
}

template <typename ConfigLike, typename Visit>
void for_each_test_key(ConfigLike& config, const Visit& visit) {
  visit("drop_unsynced_at_kill", "For tests: forgets at SIGKILL what a power cut would forget. Costs memory.",
        config.drop_unsynced_at_kill);
}

template <typename ConfigLike, typename Visit>
void for_each_key(ConfigLike& config, const Visit& visit) {
  for_each_network_key(config, visit);
  for_each_call_key(config, visit);
  for_each_storage_key(config, visit);
  for_each_session_key(config, visit);
  for_each_limit_key(config, visit);
  for_each_public_key(config, visit);
  for_each_operation_key(config, visit);
  for_each_test_key(config, visit);
}

constexpr const char* kTransportHelp =
    "\n# A pluggable transport: its program (Debian: obfs4proxy, lyrebird) listens to the world and hands over to this home.\n"
    "# `address` stands in routes if people have to dial another address and port than `host` and that of `listen`.\n"
    "# [[transport]]\n# name = \"obfs4\"\n# program = \"obfs4proxy\"\n# listen = \"0.0.0.0:8443\"\n"
    "# address = \"203.0.113.5:8443\"\n# options = \"iat-mode=0\"\n";

constexpr const char* kMailHelp =
    "\n# A mailbox of this home's own at a mail provider, by which people reach it when nothing else works (docs/mail.md). Letters\n"
    "# that have the form of a request are removed from it, answered or not; other mail is left alone.\n"
    "# [mail]\n# address = \"home@mail.example\"\n# smtp = \"smtps://mail.example\"   # or smtp://mail.example with STARTTLS\n"
    "# imap = \"imaps://mail.example\"   # or imap://mail.example with STARTTLS\n# user = \"\"                        # empty: the address\n"
    "# password_file = \"mail.password\"  # its first line\n# proxy = \"\"                       # socks5://127.0.0.1:1080\n"
    "# poll_seconds = 60                # between looks into it when nothing happens\n"
    "# answers_hour_max = 1000          # letters that are answered in an hour\n"
    "# answers_hour_one_max = 120       # and of one sender\n";

constexpr const char* kBulletinHelp =
    "\n# What this home says of itself, signed, for when it is not reached any more: `godwit-home bulletin` prints it.\n"
    "# [bulletin]\n# mails = [\"home@example.org\"]          # where it reads sealed requests; two at most\n"
    "# urls = [\"https://example.org/home.txt\"] # where you put new bulletins; two at most\n"
    "# public_routes = []                     # of this home; empty: those that links name\n"
    "\n# A bridge in front of this home. A public one stands in everybody's bulletin; of the others each mailbox is told two at\n"
    "# first and up to four later, so that whoever opens one mailbox burns few. Read again at SIGHUP.\n"
    "# [[bridge]]\n# route = \"bridge://203.0.113.7/ws?pin=...\"\n# public = false\n";

uint32_t line_of(const toml::source_region& region) { return static_cast<uint32_t>(region.begin.line); }

// The keys of one table inside the file, `each` of which visits them. What is wrong goes into `problem`, unless something is.
template <typename Each>
void read_table(const toml::table& table, const Each& each, ConfigProblem& problem) {
  std::set<std::string, std::less<>> names;
  const auto complain = [&](uint32_t line, std::string text) {
    if (problem.text.empty()) problem = {line, std::move(text)};
  };
  each([&](const char* name, auto& value) {
    names.insert(name);
    const toml::node* node = table.get(name);
    if (node == nullptr) return;
    const Complaint complaint = read(*node, value);
    if (!complaint.empty()) complain(line_of(node->source()), "`" + std::string(name) + "` must be " + complaint);
  });
  for (const auto& [key, node] : table) {
    if (!names.contains(key.str())) complain(line_of(key.source()), "unknown key `" + std::string(key.str()) + "`");
  }
}

void read_bridges(const toml::node& node, Config& config, ConfigProblem& problem) {
  const toml::array* array = node.as_array();
  if (array == nullptr || array->size() > kBridgesMax) {
    problem = {line_of(node.source()), "bridges are written [[bridge]], a thousand at most"};
    return;
  }
  for (const toml::node& each : *array) {
    const toml::table* table = each.as_table();
    Bridge& bridge = config.bridges.emplace_back();
    if (table != nullptr) {
      read_table(*table, [&](const auto& visit) { for_each_bridge_key(bridge, visit); }, problem);
    }
    const bool good = bridge.route.size() <= wire::kRouteSizeMax && routes::parse_route(bridge.route).has_value();
    if (problem.text.empty() && !good) problem = {line_of(each.source()), "a bridge has a `route`: \"bridge://...\""};
  }
}

// [bulletin] and [[bridge]].
void read_bulletin(const toml::table& table, Config& config, ConfigProblem& problem) {
  if (!problem.text.empty()) return;
  const toml::node* bulletin = table.get("bulletin");
  if (bulletin != nullptr && bulletin->as_table() == nullptr) {
    problem = {line_of(bulletin->source()), "the bulletin is written [bulletin]"};
    return;
  }
  if (bulletin != nullptr) {
    read_table(
        *bulletin->as_table(), [&](const auto& visit) { for_each_bulletin_key(config.bulletin, visit); }, problem);
  }
  for (const std::string& route : config.bulletin.public_routes) {
    if (problem.text.empty() && !routes::parse_route(route)) {
      problem = {line_of(bulletin->source()), "`public_routes` are routes: \"wss://...\""};
    }
  }
  const toml::node* bridges = table.get("bridge");
  if (bridges != nullptr && problem.text.empty()) read_bridges(*bridges, config, problem);
  if (problem.text.empty() && !bulletins_fit(plan_of(config))) {
    const toml::node* named = bulletin != nullptr ? bulletin : bridges;
    problem = {
        named == nullptr ? 0 : line_of(named->source()),
        "the bulletin does not fit: two mails and two urls at most, 256 printable characters each, or shorter routes"};
  }
}

// One [[transport]]. Its problem, if it has one, goes into `problem`.
void read_transport(const toml::table& table, Config& config, ConfigProblem& problem) {
  TransportConfig& transport = config.transports.emplace_back();
  std::set<std::string, std::less<>> names;
  const auto complain = [&](uint32_t line, std::string text) {
    if (problem.text.empty()) problem = {line, std::move(text)};
  };
  for_each_transport_key(transport, [&](const char* name, std::string& value) {
    names.insert(name);
    const toml::node* node = table.get(name);
    if (node == nullptr) return;
    const Complaint complaint = read(*node, value);
    if (!complaint.empty()) complain(line_of(node->source()), "`" + std::string(name) + "` must be " + complaint);
  });
  for (const auto& [key, node] : table) {
    if (!names.contains(key.str())) complain(line_of(key.source()), "unknown key `" + std::string(key.str()) + "`");
  }
  if (transport.name.empty() || transport.program.empty() || transport.listen.empty()) {
    complain(line_of(table.source()), "a transport has `name`, `program` and `listen`");
  }
}

void read_transports(const toml::table& table, Config& config, ConfigProblem& problem) {
  const toml::node* node = table.get("transport");
  if (node == nullptr || !problem.text.empty()) return;
  const toml::array* array = node->as_array();
  if (array == nullptr || array->size() > kTransportsMax) {
    problem = {line_of(node->source()), "transports are written [[transport]], eight at most"};
    return;
  }
  for (const toml::node& each : *array) {
    if (const toml::table* one = each.as_table()) {
      read_transport(*one, config, problem);
    } else if (problem.text.empty()) {
      problem = {line_of(each.source()), "transports are written [[transport]]"};
    }
  }
}

// [mail]. Its problem, if it has one, goes into `problem`.
void read_mail(const toml::table& file, Config& config, ConfigProblem& problem) {
  const toml::node* node = file.get("mail");
  if (node == nullptr || !problem.text.empty()) return;
  const toml::table* table = node->as_table();
  if (table == nullptr) {
    problem = {line_of(node->source()), "a mailbox is written [mail]"};
    return;
  }
  std::set<std::string, std::less<>> names;
  const auto complain = [&](uint32_t line, std::string text) {
    if (problem.text.empty()) problem = {line, std::move(text)};
  };
  for_each_mail_key(config.mail, [&](const char* name, auto& value) {
    names.insert(name);
    const toml::node* item = table->get(name);
    if (item == nullptr) return;
    const Complaint complaint = read(*item, value);
    if (!complaint.empty()) complain(line_of(item->source()), "`" + std::string(name) + "` must be " + complaint);
  });
  for (const auto& [key, item] : *table) {
    if (!names.contains(key.str())) complain(line_of(key.source()), "unknown key `" + std::string(key.str()) + "`");
  }
  const MailConfig& mail = config.mail;
  if (mail.address.empty() || mail.smtp.empty() || mail.imap.empty() || mail.password_file.empty()) {
    complain(line_of(table->source()), "a mailbox has `address`, `smtp`, `imap` and `password_file`");
  }
}

bool is_contact(std::string_view text) {
  const bool plain = std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; });
  return text.empty() || (plain && text.size() <= 256 && (text.starts_with("mailto:") || text.starts_with("https://")));
}

// What each value may be beyond its type; the first that is not.
Misfit check(const Config& config) {
  const Options& options = config.options;
  const Limits& limits = options.limits;
  if (config.addresses.empty()) return {"addresses", "name at least one"};
  if (config.path.empty() || config.path[0] != '/') return {"path", "begin with '/'"};
  if (config.store.empty()) return {"store", "name a folder"};
  if (const Misfit misfit = check_nats(config); misfit.key != nullptr) return misfit;
  if (config.identity_key.empty()) return {"identity_key", "name a file"};
  if (config.admission_key.empty()) return {"admission_key", "name a file"};
  if (config.sealing_key.empty()) return {"sealing_key", "name a file"};
  if (config.bulletin_key.empty()) return {"bulletin_key", "name a file"};
  if (config.web_push_key.empty()) return {"web_push_key", "name a file"};
  if (!is_contact(config.web_push_contact))
    return {"web_push_contact", "begin with \"mailto:\" or \"https://\", without blanks and quotes"};
  if (!wire::check_page_address(config.page).has_value())
    return {"page", "begin with \"https://\", in at most 200 characters, without blanks, \"?\" and \"#\""};
  if (const CallMisfit calls = check_calls(config.calls); calls.key != nullptr) return {calls.key, calls.wanted};
  if (options.mailbox_work_bits > 30) return {"mailbox_work_bits", "be at most 30: hours of work"};
  if (options.log_work_bits > 24) return {"log_work_bits", "be at most 24"};
  if (limits.addresses_max > 18'000) return {"addresses_max", "be at most 18000: what one answer lists"};
  if (limits.takes_burst == 0) return {"takes_burst", "be at least 1"};
  if (limits.appends_burst == 0) return {"appends_burst", "be at least 1"};
  if (limits.handshakes_source_burst == 0) return {"handshakes_source_burst", "be at least 1"};
  if (limits.connects_source_per_second == 0 || limits.connects_source_per_second > 1'000)
    return {"connects_source_per_second", "be from 1 to 1000"};
  if (limits.requests_in_flight_max == 0) return {"requests_in_flight_max", "be at least 1"};
  if (limits.push_window_bytes == 0) return {"push_window_bytes", "be at least 1"};
  if (limits.fetch_bytes_max < 16 * 1024 || limits.fetch_bytes_max > 512 * 1024)
    return {"fetch_bytes_max", "be from 16384 to 524288"};
  if (limits.sessions_max == 0) return {"sessions_max", "be at least 1"};
  if (limits.output_bytes_max < 1U << 20) return {"output_bytes_max", "be at least 1048576"};
  return {};
}

void print_section(std::string& out, const char* title) {
  out += "\n# ---- ";
  out += title;
  out += " ----\n";
}

}  // namespace

Result<Config> parse_config(std::string_view text, ConfigProblem& problem) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    problem = {line_of(parsed.error().source()), std::string(parsed.error().description())};
    return Error{kBadConfig, "home: the configuration is TOML"};
  }
  const toml::table& table = parsed.table();
  Config config;
  std::set<std::string, std::less<>> names;
  for_each_key(config, [&](const char* name, const char*, auto& value) {
    names.insert(name);
    const toml::node* node = table.get(name);
    if (node == nullptr) return;
    const Complaint complaint = read(*node, value);
    if (!complaint.empty() && problem.text.empty()) {
      problem = {line_of(node->source()), "`" + std::string(name) + "` must be " + complaint};
    }
  });
  names.insert("transport");
  read_transports(table, config, problem);
  names.insert("mail");
  read_mail(table, config, problem);
  names.insert({"bulletin", "bridge"});
  read_bulletin(table, config, problem);
  for (const auto& [key, node] : table) {
    if (problem.text.empty() && !names.contains(key.str())) {
      problem = {line_of(key.source()), "unknown key `" + std::string(key.str()) + "`"};
    }
  }
  const Misfit misfit = check(config);
  if (problem.text.empty() && misfit.key != nullptr) {
    const toml::node* node = table.get(misfit.key);  // absent: a default of ours, which a test would have found
    problem = {node == nullptr ? 0 : line_of(node->source()),
               "`" + std::string(misfit.key) + "` must " + misfit.wanted};
  }
  REQUIRE(problem.text.empty(), kBadConfig, "home: the configuration's keys and values");
  return config;
}

std::string print_config(const Config& config) {
  std::string out = "# The configuration of a Godwit home. After a change: restart `godwit-home run`.\n";
  const auto print_key = [&](const char* name, std::string_view explanation, const auto& value) {
    if (!explanation.empty()) out += '\n';
    while (!explanation.empty()) {
      const size_t end = std::min(explanation.find('\n'), explanation.size());
      out += "# " + std::string(explanation.substr(0, end)) + "\n";
      explanation.remove_prefix(std::min(end + 1, explanation.size()));
    }
    out += std::string(name) + " = " + print(value) + "\n";
  };
  print_section(out, "where it is reached");
  for_each_network_key(config, print_key);
  print_section(out, "calls");
  for_each_call_key(config, print_key);
  print_section(out, "what it keeps, and for whom");
  for_each_storage_key(config, print_key);
  print_section(out, "limits");
  for_each_session_key(config, print_key);
  for_each_limit_key(config, print_key);
  for_each_public_key(config, print_key);
  print_section(out, "looking at it");
  for_each_operation_key(config, print_key);
  print_section(out, "for tests of the whole program");
  for_each_test_key(config, print_key);
  // Last: what follows [[transport]] belongs to it.
  print_section(out, "pluggable transports");
  out += kTransportHelp;
  for (const TransportConfig& transport : config.transports) {
    out += "\n[[transport]]\n";
    for_each_transport_key(transport, [&](const char* name, const std::string& value) {
      if (!value.empty()) out += std::string(name) + " = " + print(value) + "\n";
    });
  }
  print_section(out, "mail");
  out += kMailHelp;
  if (!config.mail.address.empty()) {
    out += "\n[mail]\n";
    for_each_mail_key(config.mail, [&](const char* name, const auto& value) {
      const std::string text = print(value);
      if (text != "\"\"") out += std::string(name) + " = " + text + "\n";
    });
  }
  print_section(out, "bulletins and bridges");
  out += kBulletinHelp;
  const auto print_plain = [&](const char* name, const auto& value) {
    out += std::string(name) + " = " + print(value) + "\n";
  };
  const BulletinConfig& bulletin = config.bulletin;
  if (!bulletin.mails.empty() || !bulletin.urls.empty() || !bulletin.public_routes.empty()) {
    out += "\n[bulletin]\n";
    for_each_bulletin_key(bulletin, print_plain);
  }
  for (const Bridge& bridge : config.bridges) {
    out += "\n[[bridge]]\n";
    for_each_bridge_key(bridge, print_plain);
  }
  return out;
}

BulletinPlan plan_of(const Config& config) {
  BulletinPlan plan;
  plan.routes = config.bulletin.public_routes.empty() ? config.routes : config.bulletin.public_routes;
  if (plan.routes.empty()) plan.routes.push_back("wss://" + config.host + ":65535" + config.path);
  plan.mails = config.bulletin.mails;
  plan.urls = config.bulletin.urls;
  plan.bridges = config.bridges;
  plan.page = config.page;
  return plan;
}

}  // namespace godwit::home
