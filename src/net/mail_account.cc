#include "net/mail_account.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "net/errors.h"
#include "routes/route.h"

namespace godwit::net {
namespace {

constexpr size_t kAddressMax = 254;
constexpr size_t kLocalPartMax = 64;
constexpr size_t kFieldMax = 512;

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// RFC 5322's atext, and dots.
bool is_local_part(char c) {
  return is_letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
}

bool is_plain(const std::string& text) {
  return text.size() <= kFieldMax &&
         std::none_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f; });
}

size_t mark_of(const std::string& address) {
  const size_t at = address.find('@');
  return at != std::string::npos && at > 1 && address[at - 1] == '+' ? at - 1 : std::string::npos;
}

}  // namespace

MailAccount::MailAccount(std::string address_, std::string smtp_, std::string imap_, std::string user_,
                         std::string password_)
    : address(std::move(address_)),
      smtp(std::move(smtp_)),
      imap(std::move(imap_)),
      user(std::move(user_)),
      password(std::move(password_)) {}

MailAccount::~MailAccount() { OPENSSL_cleanse(password.data(), password.size()); }

bool is_mail_address(std::string_view text) {
  const size_t at = text.find('@');
  if (text.size() > kAddressMax || at == 0 || at == std::string_view::npos || at > kLocalPartMax) return false;
  const std::string_view local = text.substr(0, at);
  const std::string_view domain = text.substr(at + 1);
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos) return false;
  if (domain.empty() || domain.front() == '.' || domain.back() == '.' || domain.find("..") != std::string_view::npos) {
    return false;
  }
  return std::all_of(local.begin(), local.end(), is_local_part) &&
         std::all_of(domain.begin(), domain.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; });
}

Result<MailServer> parse_mail_server(std::string_view url, MailService service) {
  const bool smtp = service == MailService::kSmtp;
  const std::string_view scheme = smtp ? "smtp" : "imap";
  REQUIRE(url.starts_with(scheme), kBadMailAccount, "mail: smtps://, smtp://, imaps:// or imap://");
  url.remove_prefix(scheme.size());
  const bool starttls = !url.starts_with('s');
  if (!starttls) url.remove_prefix(1);
  REQUIRE(url.starts_with("://"), kBadMailAccount, "mail: smtps://, smtp://, imaps:// or imap://");
  url.remove_prefix(3);
  if (url.ends_with('/')) url.remove_suffix(1);
  REQUIRE(url.find_first_of("/?#@") == std::string_view::npos, kBadMailAccount, "mail: a server is host[:port]");
  // The rules for hosts and ports are those of routes; a route without a port has another default.
  const size_t bracket = url.rfind(']');
  const bool has_port = url.find(':', bracket == std::string_view::npos ? 0 : bracket) != std::string_view::npos;
  const auto route = routes::parse_route("wss://" + std::string(url));
  REQUIRE(route.has_value(), kBadMailAccount, "mail: a server is host[:port]");
  MailServer server{route->host, route->port, starttls};
  if (!has_port) server.port = smtp ? (starttls ? 587 : 465) : (starttls ? 143 : 993);
  return server;
}

Status check_mail_account(const MailAccount& account) {
  REQUIRE(is_mail_address(plain_mail_address(account)), kBadMailAccount, "mail: the address is user@domain");
  TRY(parse_mail_server(account.smtp, MailService::kSmtp));
  TRY(parse_mail_server(account.imap, MailService::kImap));
  REQUIRE(is_plain(account.user) && is_plain(account.password) && !account.password.empty(), kBadMailAccount,
          "mail: user and password are one line");
  return {};
}

std::string plain_mail_address(const MailAccount& account) {
  std::string out = account.address;
  const size_t mark = mark_of(out);
  if (mark != std::string::npos) out.erase(mark, 1);
  return out;
}

std::string sender_address(const MailAccount& account, const std::string& random_word) {
  std::string out = account.address;
  const size_t mark = mark_of(out);
  if (mark != std::string::npos) out.insert(mark + 1, random_word);
  return out;
}

}  // namespace godwit::net
