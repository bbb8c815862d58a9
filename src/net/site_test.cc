#include "net/site.h"

#include <gtest/gtest.h>

#include "net/errors.h"
#include "net/testing/loopback.h"

namespace godwit::net {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

constexpr Instant kNow{784'111'777'000};  // RFC 9110 §5.6.7: Sun, 06 Nov 1994 08:49:37 GMT

std::string get(const Site& site, const std::string& target, const std::string& method = "GET",
                const std::string& more = "") {
  const std::string text = method + " " + target + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
  const auto parsed = parse_http_request(as_bytes(text), 8192);
  EXPECT_EQ(parsed.progress, HttpProgress::kDone) << text;
  SiteReply reply = site.answer(parsed.message, kNow);
  EXPECT_TRUE(reply.bytes.starts_with("HTTP/1.1 " + std::to_string(reply.status) + " "));
  Bytes body;
  while (reply.file && reply.file->left() != 0) EXPECT_TRUE(reply.file->read(body, 1000));
  return reply.bytes + std::string(as_text(body));
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(Site, without_a_folder_there_is_one_small_page) {
  const Site site = Site::create("").value();
  const std::string page = get(site, "/?from=somewhere");
  EXPECT_TRUE(page.starts_with("HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n")) << page;
  EXPECT_TRUE(has(page, "Content-Type: text/html; charset=utf-8\r\n"));
  EXPECT_TRUE(has(page, "Connection: keep-alive\r\n"));
  EXPECT_FALSE(has(page, "Server:"));
  EXPECT_TRUE(get(site, "/other").starts_with("HTTP/1.1 404 Not Found\r\n"));
}

TEST(Site, head_is_get_without_the_body) {
  const Site site = Site::create("").value();
  for (const char* target : {"/", "/other"}) {
    const std::string whole = get(site, target);
    EXPECT_EQ(get(site, target, "HEAD"), whole.substr(0, whole.find("\r\n\r\n") + 4));
  }
}

TEST(Site, other_methods_are_not_allowed) {
  const std::string reply = get(Site::create("").value(), "/", "DELETE");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_TRUE(has(reply, "Allow: GET, HEAD\r\n"));
}

TEST(Site, files_come_with_their_type_and_length) {
  const TemporaryFolder folder;
  folder.write("index.html", "<p>hello</p>");
  folder.write("a/style.CSS", "p {}");
  folder.write("a/module.wasm", std::string("\0asm", 4));
  folder.write("a/with space", "x");
  folder.write("empty.txt", "");
  folder.write("large.bin", std::string(5000, 'x'));
  const Site site = Site::create(folder.path("")).value();
  EXPECT_TRUE(get(site, "/").ends_with("\r\n\r\n<p>hello</p>"));
  EXPECT_TRUE(has(get(site, "/index.html"), "Content-Length: 12\r\n"));
  EXPECT_TRUE(has(get(site, "/a/style.CSS"), "Content-Type: text/css; charset=utf-8\r\n"));
  EXPECT_TRUE(has(get(site, "/a/module.wasm"), "Content-Type: application/wasm\r\n"));
  EXPECT_TRUE(has(get(site, "/a/with%20space"), "Content-Type: application/octet-stream\r\n"));
  EXPECT_TRUE(has(get(site, "/empty.txt"), "Content-Length: 0\r\n"));
  EXPECT_TRUE(get(site, "/large.bin").ends_with(std::string(5000, 'x')));
}

TEST(Site, an_unchanged_file_is_not_sent_again) {
  const TemporaryFolder folder;
  folder.write("index.html", "hello");
  const Site site = Site::create(folder.path("")).value();
  const std::string first = get(site, "/");
  const size_t at = first.find("Last-Modified: ") + 15;
  const std::string changed = first.substr(at, first.find("\r\n", at) - at);
  EXPECT_TRUE(get(site, "/", "GET", "If-Modified-Since: " + changed + "\r\n").starts_with("HTTP/1.1 304 "));
}

TEST(Site, a_folder_without_its_slash_is_sent_there) {
  const TemporaryFolder folder;
  folder.write("a/index.html", "hello");
  const Site site = Site::create(folder.path("")).value();
  const std::string reply = get(site, "/a");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 301 Moved Permanently\r\nLocation: /a/\r\n")) << reply;
  EXPECT_TRUE(get(site, "/a/").ends_with("hello"));
}

TEST(Site, nothing_outside_the_folder_is_served) {
  const TemporaryFolder folder;
  folder.write("secret", "secret");
  folder.write("site-secret/file", "secret");
  folder.write("site/index.html", "hello");
  folder.write("site/.git/config", "secret");
  folder.write("site/.well-known/acme", "shown");
  fs::create_symlink(folder.path("secret"), folder.path("site/link"));
  fs::create_directory_symlink(folder.path(""), folder.path("site/up"));
  fs::create_symlink(folder.path("site/index.html"), folder.path("site/inside"));
  const Site site = Site::create(folder.path("site")).value();
  for (const char* target : {"/../secret",
                             "/..",
                             "/a/../../secret",
                             "/%2e%2e/secret",
                             "/%2E%2e%2fsecret",
                             "/..%2fsecret",
                             "/.%2e/secret",
                             "/./index.html",
                             "//secret",
                             "//evil.example/",
                             "/a//b",
                             "/..\\secret",
                             "/%5c..%5csecret",
                             "/link",
                             "/up/secret",
                             "/up",
                             "/../site-secret/file",
                             "/.git/config",
                             "/.git",
                             "/%00",
                             "/index.html%00.png",
                             "/%",
                             "/%4",
                             "/%zz",
                             "/index.html/",
                             "/a/%2e%2e/index.html"}) {
    const std::string reply = get(site, target);
    EXPECT_FALSE(has(reply, "secret")) << target;
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 400 ") || reply.starts_with("HTTP/1.1 404 ")) << target << reply;
  }
  EXPECT_TRUE(get(site, "/inside").ends_with("hello"));
  EXPECT_TRUE(get(site, "/.well-known/acme").ends_with("shown"));
}

TEST(Site, what_is_no_folder_is_no_site) {
  const TemporaryFolder folder;
  for (const std::string& path : {folder.write("file", "x"), folder.path("missing"), std::string("/")}) {
    const auto site = Site::create(path);
    ASSERT_FALSE(site);
    EXPECT_EQ(site.error().code, kBadSiteFolder);
  }
}

}  // namespace
}  // namespace godwit::net
