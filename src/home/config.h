#pragma once
// The operator's configuration file: TOML, flat, every key explained where it stands. Pure: text in, values out.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "home/bulletin.h"
#include "home/options.h"

namespace godwit::home {

/// A pluggable transport that is served: [[transport]] in the file.
struct TransportConfig {
  std::string name;     ///< "obfs4"
  std::string program;  ///< a path, or a name that is looked for in PATH
  std::string listen;   ///< "address:port": where the world comes in
  std::string address;  ///< "address:port" in routes, if the world has to dial another one than `listen` or `host`
  std::string options;  ///< of the transport: "name=value;name=value"
};
/// The home's own mailbox at a mail provider: [mail] in the file.
struct MailConfig {
  std::string address;        ///< empty: there is none
  std::string smtp;           ///< smtps://host[:465], or smtp://host[:587] with STARTTLS
  std::string imap;           ///< imaps://host[:993], or imap://host[:143] with STARTTLS
  std::string user;           ///< empty: the address
  std::string password_file;  ///< its first line
  std::string proxy;          ///< socks5://... or http://...
  Duration poll = seconds(60);
  uint32_t answers_hour_max = 1'000;
  uint32_t answers_hour_one_max = 120;
};
/// The relay for calls: the keys that begin with "calls" in the file.
struct CallsConfig {
  bool on = false;
  std::string program = "turnserver";  ///< coturn: a path, or a name that is looked for in PATH
  std::vector<std::string> urls;       ///< told to clients; empty: turns:host:port?transport=tcp
  /// From which relayed packets leave: "address", or "public/own" behind a router that maps one to the other; empty: the addresses by
  /// which this machine reaches the Internet.
  std::vector<std::string> addresses;
  uint16_t port_first = 49'152;  ///< of relayed packets, UDP
  uint16_t port_last = 65'535;
  uint32_t connections_max = 500;
  uint32_t source_max = 64;                ///< of these, from one address
  uint32_t user_max = 12;                  ///< of these, with one mailbox's credentials of one hour
  uint32_t bytes_second_max = 500 * 1000;  ///< of each
  bool udp = false;                        ///< also by UDP, at a port that is open to the world
  uint16_t udp_port = 3478;                ///< this one
  bool loopback = false;                   ///< also to this machine's own loopback; for tests
  bool unit = false;                       ///< also the forwarding unit for calls of many
  std::string unit_program = "janus";      ///< Janus: a path, or a name that is looked for in PATH
  std::string unit_parts;  ///< the folder with its plugins/ and transports/; empty: where its package has them
  bool operator==(const CallsConfig&) const = default;
};
/// Transports of one home at most.
inline constexpr size_t kTransportsMax = 8;

/// What bulletins say beside routes: [bulletin] in the file.
struct BulletinConfig {
  std::vector<std::string> mails;          ///< addresses at which this home reads sealed requests
  std::vector<std::string> urls;           ///< where later bulletins can be had
  std::vector<std::string> public_routes;  ///< of this home; empty: those that links name
};

/// What the file says. Paths are relative to the home's folder unless they begin with '/'.
struct Config {
  std::vector<std::string> addresses = {"0.0.0.0", "::"};
  uint16_t port = 443;
  std::string host;                 ///< in links; what clients dial
  std::string path = "/ws";         ///< whose WebSocket upgrades are sessions
  std::vector<std::string> routes;  ///< in links instead of wss://host:port/path
  bool behind_proxy = false;        ///< no TLS here: a web server on this machine has it
  std::string certificate = "certificate.pem";
  std::string certificate_key = "certificate.key";
  bool pin_certificate = true;       ///< links name the certificate's hash, so that a self-signed one is as good
  std::string site;                  ///< folder of the web site that strangers see; empty: a small built-in page
  std::string page;                  ///< where people find the page, for the invites that they hand on; empty: nowhere
  bool forward_private = false;      ///< passes on to private addresses as well; for labs
  bool web_push = true;              ///< sends pushes to browsers' push services
  std::string web_push_contact;      ///< a mailto: or https: URL that these are told; empty: https://host
  bool web_push_private = false;     ///< also at private addresses; for labs
  std::string web_push_authorities;  ///< a PEM file with those that count instead of the system's; for labs
  /// Where the stream form is taken on loopback: for an onion service of a Tor on this machine; 0: nowhere.
  uint16_t stream_port = 0;
  uint16_t metrics_port = 0;  ///< where counts are told on loopback; 0: nowhere
  bool log_json = false;      ///< lines of the log are JSON objects
  std::vector<TransportConfig> transports;
  CallsConfig calls;
  MailConfig mail;
  BulletinConfig bulletin;
  std::vector<Bridge> bridges;  ///< [[bridge]]
  std::string store = "store";
  std::string nats_authorities;  ///< PEM files; empty: NATS without TLS
  std::string nats_certificate;
  std::string nats_certificate_key;
  Duration nats_lease = seconds(6);             ///< after which a silent home has lost its store
  uint64_t nats_bytes_max = uint64_t{1} << 30;  ///< of keys and values in memory
  std::string identity_key = "identity.key";
  std::string admission_key = "admission.key";
  std::string sealing_key = "sealing.key";
  std::string bulletin_key = "bulletin.key";
  std::string web_push_key = "web_push.key";
  std::string ticket_key;  ///< empty: made at every start and kept in memory only
  Options options;
  bool drop_unsynced_at_kill = false;  ///< for tests of the whole program
};

/// What is wrong in a file, for people: "unknown key `prot`", and where.
struct ConfigProblem {
  uint32_t line = 0;  ///< counted from 1; 0: the file as a whole
  std::string text;
};

/// Reads `text`. On kBadConfig `problem` says what is wrong and where; the first problem only.
Result<Config> parse_config(std::string_view text, ConfigProblem& problem);
/// What bulletins say as far as the configuration knows: without the certificate's pin, with the longest port in the home's
/// own route if links name just that one, and without the routes of transports.
BulletinPlan plan_of(const Config& config);
/// The file that says what `config` says, each key with its explanation; parse_config gives the same back.
std::string print_config(const Config& config);

}  // namespace godwit::home
