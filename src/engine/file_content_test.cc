// Names of files from peers, and what a message says of a file.

#include "engine/file_content.h"

#include <gtest/gtest.h>

#include "engine/errors.h"

namespace godwit::engine {
namespace {

TEST(FileName, is_never_a_path) {
  EXPECT_EQ(clean_file_name("/etc/passwd"), "passwd");
  EXPECT_EQ(clean_file_name("../../.ssh/authorized_keys"), "authorized_keys");
  EXPECT_EQ(clean_file_name("C:\\Windows\\win.ini"), "win.ini");
  EXPECT_EQ(clean_file_name(".."), "file");
  EXPECT_EQ(clean_file_name("a/"), "file");
  EXPECT_EQ(clean_file_name(""), "file");
}

TEST(FileName, hides_nothing_and_runs_nothing) {
  EXPECT_EQ(clean_file_name(".bashrc"), "bashrc");
  EXPECT_EQ(clean_file_name("-rf"), "rf");
  EXPECT_EQ(clean_file_name("a\nb\x1b[2Jc"), "a_b_[2Jc");
  EXPECT_EQ(clean_file_name("exe.\xe2\x80\xaegpj.exe"), "exe.gpj.exe") << "no mark that turns the direction";
  EXPECT_EQ(clean_file_name("a\xe2\x80\x8b" "b"), "ab");
  EXPECT_EQ(clean_file_name("trailing. . "), "trailing");
  EXPECT_EQ(clean_file_name("what?.txt"), "what_.txt");
  EXPECT_EQ(clean_file_name("\xff\xfe"), "file");
}

TEST(FileName, keeps_letters_of_any_script_and_the_ending) {
  EXPECT_EQ(clean_file_name("отчёт за май.pdf"), "отчёт за май.pdf");
  const std::string longer = std::string(500, 'x') + ".tar.gz";
  const std::string cut = clean_file_name(longer);
  EXPECT_LE(cut.size(), kFileNameSizeMax);
  EXPECT_TRUE(cut.ends_with(".gz"));
  std::string wide;
  for (int i = 0; i < 200; ++i) wide += "ё";
  EXPECT_LE(clean_file_name(wide + ".jpg").size(), kFileNameSizeMax);
  EXPECT_EQ(clean_file_name(clean_file_name(wide + ".jpg")), clean_file_name(wide + ".jpg"));
}

TEST(Mime, is_guessed_or_cleaned) {
  EXPECT_EQ(clean_mime("", "a.JPG"), "image/jpeg");
  EXPECT_EQ(clean_mime("", "a"), "application/octet-stream");
  EXPECT_EQ(clean_mime("text/plain", "a.jpg"), "text/plain");
  EXPECT_EQ(clean_mime("text/plain\r\nX: y", "a.jpg"), "application/octet-stream");
}

FileBody body() {
  FileBody file;
  file.home.routes = {"wss://home.example/ws"};
  file.size = 5;
  file.name = "a.txt";
  return file;
}

Content content_of(const FileBody& file) {
  Content content;
  content.kind = ContentKind::kFile;
  content.body = codec::encoded(file);
  return content;
}

TEST(FileContent, comes_back_with_its_name_cleaned) {
  FileBody file = body();
  file.name = "../a.txt";
  file.width = 640;
  const auto read = file_of(content_of(file));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->name, "a.txt");
  EXPECT_EQ(read->width, 640U);
  EXPECT_EQ(read->mime, "application/octet-stream");
}

TEST(FileContent, beyond_its_bounds_is_refused) {
  FileBody file = body();
  file.size = kFileSizeMax + 1;
  EXPECT_EQ(file_of(content_of(file)).error().code, kBadContent);
  file = body();
  file.thumbnail.resize(kThumbnailSizeMax + 1);
  EXPECT_EQ(file_of(content_of(file)).error().code, kBadContent);
  file = body();
  file.home.routes.clear();
  EXPECT_EQ(file_of(content_of(file)).error().code, kBadContent);
  Content cut = content_of(body());
  cut.body.pop_back();
  EXPECT_EQ(file_of(cut).error().code, kBadContent);
  Content longer = content_of(body());
  longer.body.push_back(0);
  EXPECT_EQ(file_of(longer).error().code, kBadContent);
  longer.version = 2;
  EXPECT_TRUE(file_of(longer).has_value()) << "a later version may append members";
}

}  // namespace
}  // namespace godwit::engine
