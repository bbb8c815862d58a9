#include "cli/export_page.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/bytes.h"
#include "cli/commands.h"
#include "imports/media_path.h"

namespace godwit::cli {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

std::string url_path(std::string_view path) {
  std::string out;
  for (const char each : path) {
    const auto byte = static_cast<unsigned char>(each);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                       byte == '-' || byte == '.' || byte == '_' || byte == '/';
    if (plain) {
      out += each;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

std::string reactions_of(const engine::Message& message) {
  std::string out;
  for (const engine::ReactionInfo& each : message.reactions) {
    std::string names;
    for (const std::string& name : each.names) names += (names.empty() ? "" : ", ") + html_text(name);
    const std::string shown = html_text(each.reaction) + (each.count > 1 ? std::to_string(each.count) : "");
    out += out.empty() ? "" : " ";
    out += names.empty() ? shown : "<span title=\"" + names + "\">" + shown + "</span>";
  }
  return out.empty() ? out : "<div class=\"when\">" + out + "</div>";
}

// The tags around a piece of a text: an opening one and a closing one.
std::pair<std::string, std::string> tags_of(const engine::TextSpan& span) {
  switch (span.style) {
    case engine::SpanStyle::kBold:
      return {"<b>", "</b>"};
    case engine::SpanStyle::kItalic:
      return {"<i>", "</i>"};
    case engine::SpanStyle::kStrike:
      return {"<s>", "</s>"};
    case engine::SpanStyle::kCode:
    case engine::SpanStyle::kPre:
      return {"<code>", "</code>"};
    case engine::SpanStyle::kLink:
      return {"<a rel=\"noreferrer\" href=\"" + html_text(span.link) + "\">", "</a>"};
    case engine::SpanStyle::kQuote:
      return {"<span class=\"quote\">", "</span>"};
    case engine::SpanStyle::kSpoiler:
      return {"<span class=\"spoiler\">", "</span>"};
  }
  return {};
}

std::string anchor_of(const engine::MessageId& id) { return "m-" + to_hex(id.view()); }

std::string quotation_of(const engine::Message& message, const std::string& quoted) {
  if (!message.reply_to) return {};
  if (quoted.empty()) return "<div class=\"quoted\">answers a message that is not here</div>";
  return "<div class=\"quoted\"><a href=\"#" + anchor_of(*message.reply_to) + "\"><bdi>" + html_text(quoted) +
         "</bdi></a></div>";
}

// What its sender says of a link in it.
std::string preview_of(const engine::LinkPreview& preview) {
  std::string out =
      "<div class=\"when\"><bdi>" + html_text(preview.link) + "</bdi>: <bdi>" + html_text(preview.title) + "</bdi>";
  if (!preview.text.empty()) out += " <bdi>" + html_text(preview.text) + "</bdi>";
  return out + "</div>";
}

}  // namespace

std::string html_formatted(std::string_view text, const std::vector<engine::TextSpan>& spans) {
  // Pieces may lie over one another: from each edge to the next one the text has tags of its own.
  std::set<size_t> edges{0, text.size()};
  for (const engine::TextSpan& each : spans) {
    edges.insert(std::min<size_t>(each.start, text.size()));
    edges.insert(std::min(each.start + size_t{each.length}, text.size()));
  }
  std::string out;
  for (auto from = edges.begin(), to = std::next(from); to != edges.end(); ++from, ++to) {
    std::string before, behind;
    for (const engine::TextSpan& each : spans) {
      if (each.start > *from || each.start + size_t{each.length} < *to) continue;
      const auto [open, close] = tags_of(each);
      before += open;
      behind.insert(0, close);
    }
    out += before + html_text(text.substr(*from, *to - *from)) + behind;
  }
  return out;
}

std::string html_text(std::string_view text) {
  std::string out;
  for (const char each : text) {
    switch (each) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(each) >= 0x20 || each == '\n' || each == '\t') out += each;
    }
  }
  return out;
}

std::string page_begin(const std::string& chat) {
  return "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
         html_text(chat) +
         "</title>\n<style>\nbody { font-family: sans-serif; max-width: 45em; margin: 1em auto; padding: 0 1em; }\n"
         ".m { margin: .6em 0; padding: .4em .7em; border-radius: .5em; background: #f2f2f2; }\n"
         ".own { background: #e3f1e3; }\n.notice { background: none; color: #666; font-style: italic; }\n"
         ".quoted { color: #555; border-left: .2em solid #aaa; padding-left: .5em; font-size: .9em; }\n"
         ".quote { border-left: .2em solid #aaa; padding-left: .3em; }\n"
         ".spoiler { background: #444; color: #444; }\n.spoiler:hover { color: #fff; }\n"
         ".who { font-weight: bold; }\n.when { color: #777; font-size: .85em; }\n"
         ".text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }\n</style>\n</head>\n<body>\n<h1><bdi>" +
         html_text(chat) + "</bdi></h1>\n";
}

std::string page_message(const engine::Message& message, const PageBeside& beside) {
  const bool notice = message.line || (message.kept && message.kept->notice);
  std::string out = std::string("<div class=\"m") + (message.own ? " own" : "") + (notice ? " notice" : "") +
                    "\" id=\"" + anchor_of(message.id) + "\">";
  const auto small = [](const std::string& text) { return " <span class=\"when\">" + text + "</span>"; };
  if (!beside.sender.empty() && !message.line) out += "<bdi class=\"who\">" + html_text(beside.sender) + "</bdi>";
  out += small(html_text(beside.when));
  if (message.kept && !message.kept->forwarded_from.empty()) {
    out += small("forwarded from <bdi>" + html_text(message.kept->forwarded_from) + "</bdi>");
  } else if (message.forwarded) {
    out += small("forwarded");
  }
  if (message.kept && message.kept->edited) out += small("edited");
  if (message.kept && message.kept->deleted) out += "<div class=\"when\">deleted</div>";
  if (message.kept && message.kept->omitted) {
    const std::string& name = message.kept->media;
    out += "<div class=\"when\">a file that is not here";
    out += (name.empty() ? "" : ": <bdi>" + html_text(name) + "</bdi>") + std::string("</div>");
  }
  // What is a text of its own stays as it is; polls, places and the like as they are printed.
  const bool plain = message.kept || message.file || (message.kind == engine::MessageKind::kText && !message.deleted);
  if (plain) out += quotation_of(message, beside.quoted);
  const std::string text = plain ? html_formatted(message.text, message.spans) : html_text(print_body(message));
  if (!text.empty()) out += "<div class=\"text\" dir=\"auto\">" + text + "</div>";
  if (message.preview) out += preview_of(*message.preview);
  if (plain && message.edits > 0) out += "<div class=\"when\">edited</div>";
  if (plain) out += reactions_of(message);
  const std::string& media = beside.media;
  if (!media.empty()) {
    out += "<div><a href=\"" + url_path(media) + "\"><bdi>" + html_text(std::string(imports::name_for_people(imports::last_name(media)))) +
           "</bdi></a></div>";
  } else if (message.file) {
    out += "<div class=\"when\">file <bdi>" + html_text(message.file->name) + "</bdi></div>";
  }
  return out + "</div>\n";
}

std::string page_post(const engine::PostInfo& post, const std::string& when) {
  std::string out = "<div class=\"m\" id=\"p-" + std::to_string(post.post) + "\"><span class=\"when\">" + html_text(when) + "</span>";
  if (!post.text.empty()) {
    out += "<div class=\"text\" dir=\"auto\">" + html_formatted(post.text, post.spans) + "</div>";
  }
  if (post.edited) out += "<div class=\"when\">edited</div>";
  for (const engine::PostFileInfo& each : post.files) {
    out += "<div class=\"when\">file <bdi>" + html_text(each.file.name) + "</bdi></div>";
  }
  return out + "</div>\n";
}

std::string page_end() { return "</body>\n</html>\n"; }

}  // namespace godwit::cli
