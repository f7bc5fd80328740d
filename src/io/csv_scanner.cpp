#include "io/csv_scanner.hpp"

#include <algorithm>

namespace eckart::io {

void CsvScanner::take_line_end() noexcept {
  if (*at_ == '\r' && at_ + 1 != end_ && at_[1] == '\n') {
    ++at_;
  }
  ++at_;
  ++line_;
  line_start_ = at_;
}

bool CsvScanner::next_record() noexcept {
  more_ = false;
  while (at_ != end_) {
    const char* p = skip_blanks(at_);
    if (p == end_) {
      at_ = p;
    } else if (*p == '#') {
      at_ = std::find_if(p, end_, is_line_end);
    } else if (is_line_end(*p)) {
      at_ = p;
      take_line_end();
    } else {
      at_ = p;
      return true;
    }
  }
  return false;
}

bool CsvScanner::next_whole_record() noexcept {
  if (!next_record()) {
    return false;
  }
  CsvScanner ahead = *this;
  return !input_->excerpt().goes_on || ahead.pass_record();
}

CsvField CsvScanner::take_field() {
  const char* first = skip_blanks(at_);
  if (first != end_ && *first == '"') {
    return take_quoted(first);
  }
  const char* last = end_of_plain(first);
  static_cast<void>(finish_field(last));  // it does end here
  return {trimmed(first, last), position_of(first)};
}

bool CsvScanner::pass_record() noexcept {
  do {
    const char* p = skip_blanks(at_);
    if (p != end_ && *p == '"') {
      p = closing_quote(p);
      if (p == end_) {
        return false;
      }
      ++p;
    }
    static_cast<void>(finish_field(end_of_plain(p)));
  } while (more_);
  return end_record();
}

const char* CsvScanner::end_of_plain(const char* p) const noexcept {
  while (p != end_ && !is_line_end(*p) && !(white_ ? is_blank(*p) : *p == delimiter_)) {
    ++p;
  }
  return p;
}

const char* CsvScanner::closing_quote(const char* open) noexcept {
  const char* p = open + 1;
  while (p != end_ && (*p != '"' || (p + 1 != end_ && p[1] == '"'))) {
    if (*p == '"') {
      ++p;  // the first of two
    } else if (*p == '\n' || (*p == '\r' && (p + 1 == end_ || p[1] != '\n'))) {
      ++line_;
      line_start_ = p + 1;
    }
    ++p;
  }
  return p;
}

CsvField CsvScanner::take_quoted(const char* open) {
  const TextPosition opened = position_of(open);
  const char* p = closing_quote(open);
  if (p == end_) {
    input_->fail(opened,
                 "the quote that opens here is never closed; add the closing quote, or double "
                 "a quote that is part of the text");
  }
  if (!finish_field(p + 1)) {
    input_->fail(position_of(p + 1),
                 "text behind a closing quote; double a quote that is part of the text");
  }
  return {trimmed(open + 1, p), opened};
}

std::string_view CsvScanner::trimmed(const char* first, const char* last) const noexcept {
  while (last != first && is_blank(last[-1])) {
    --last;
  }
  while (first != last && is_blank(*first)) {
    ++first;
  }
  return {first, static_cast<std::size_t>(last - first)};
}

std::string unescaped(std::string_view field) {
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    text += field[i];
    if (field[i] == '"' && i + 1 < field.size() && field[i + 1] == '"') {
      ++i;
    }
  }
  return text;
}

}  // namespace eckart::io
