#include "io/csv_dialect.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <span>
#include <utility>

#include "io/csv_scanner.hpp"
#include "io/memory.hpp"
#include "io/number.hpp"
#include "io/text.hpp"

namespace eckart::io {
namespace {

constexpr std::size_t sample_records = 100;
constexpr std::size_t sample_bytes = std::size_t{256} << 10;
constexpr std::uint64_t least_sample_memory = std::uint64_t{16} << 20;  // whatever max_bytes says
constexpr std::array<char, 5> candidates = {'\t', ';', '|', ',', ' '};

using Record = std::vector<std::string_view>;
using Sample = std::vector<Record>;

bool is_number(std::string_view text, char decimal) noexcept {
  std::complex<double> value;
  return parse_whole(text, decimal, value) != NumberStatus::not_a_number;
}

/// The fields of the first records: views of the input, at most half of the memory that may be used.
Sample take_sample(const Input& input, char delimiter, std::uint64_t max_bytes) {
  const std::uint64_t memory = max_bytes == 0 ? physical_memory() : max_bytes;
  const std::uint64_t most_fields =
      std::max(memory / 2, least_sample_memory) / sizeof(std::string_view);
  CsvScanner scanner(input, delimiter, '.');
  Sample sample;
  std::uint64_t fields = 0;
  while (sample.size() < sample_records && (sample.size() < 2 || scanner.offset() < sample_bytes) &&
         scanner.next_whole_record()) {
    Record& record = sample.emplace_back();
    do {
      record.push_back(scanner.take_field().text);
      if (++fields > most_fields) {
        throw OutOfMemory(input.name() + ": a table with " + std::to_string(record.size()) +
                              " fields or more in a row",
                          2 * fields * sizeof(std::string_view));
      }
    } while (scanner.more());
  }
  return sample;
}

struct Candidate {
  char delimiter;
  char decimal;
  bool consistent = false;  // every record has the same number of fields, two or more
  std::size_t fields = 0;
  std::size_t numbers = 0;

  [[nodiscard]] double share() const noexcept {
    return fields == 0 ? 0 : static_cast<double>(numbers) / static_cast<double>(fields);
  }
  [[nodiscard]] bool better_than(const Candidate& other) const noexcept {
    if (consistent != other.consistent) {
      return consistent;
    }
    return consistent ? share() > other.share() : numbers > other.numbers;
  }
};

Candidate examine(const Input& input, char delimiter, const ReadOptions& options) {
  const Sample sample = take_sample(input, delimiter, options.max_bytes);
  Candidate candidate{delimiter, options.decimal};
  if (!sample.empty()) {
    const std::size_t fields = sample.back().size();
    candidate.consistent =
        fields >= 2 && (sample[0].size() == fields || sample[0].size() + 1 == fields) &&
        std::all_of(sample.begin() + 1, sample.end(),
                    [&](const Record& record) { return record.size() == fields; });
  }
  const auto count_numbers = [&](char sign) {
    std::size_t numbers = 0;
    for (const Record& record : sample) {
      numbers += static_cast<std::size_t>(
          std::count_if(record.begin(), record.end(),
                        [&](std::string_view text) { return is_number(text, sign); }));
    }
    return numbers;
  };
  for (const Record& record : sample) {
    candidate.fields += record.size();
  }
  if (options.decimal == '\0') {
    candidate.decimal = '.';
    candidate.numbers = count_numbers('.');
    if (const std::size_t with_comma = delimiter == ',' ? 0 : count_numbers(',');
        with_comma > candidate.numbers) {
      candidate.decimal = ',';
      candidate.numbers = with_comma;
    }
  } else {
    candidate.numbers = count_numbers(options.decimal);
  }
  return candidate;
}

/// Steps 1 and 2.
Candidate choose_delimiter(const Input& input, const ReadOptions& options) {
  const char wanted =
      options.delimiter == '\0' && options.format == Format::tsv ? '\t' : options.delimiter;
  if (wanted != '\0') {
    return examine(input, wanted, options);
  }
  std::optional<Candidate> best;
  std::exception_ptr bad_quote;
  for (const char delimiter : candidates) {
    if (delimiter == options.decimal) {
      continue;
    }
    try {
      const Candidate candidate = examine(input, delimiter, options);
      if (!best || candidate.better_than(*best)) {
        best = candidate;
      }
    } catch (const FormatError&) {
      // A quote that makes no sense with this delimiter: it is not the one, unless none else is.
      bad_quote = bad_quote ? bad_quote : std::current_exception();
    }
  }
  if (best && (best->consistent || !bad_quote)) {
    return *best;
  }
  // At least one candidate is not the decimal sign: where none is best, one had a bad quote.
  std::rethrow_exception(bad_quote);
}

/// Step 3.
bool detect_header(const Sample& sample, char decimal) {
  if (sample.size() < 2) {
    return false;
  }
  const Record& first = sample[0];
  const Record& second = sample[1];
  if (first.size() != second.size() && first.size() + 1 != second.size()) {
    return false;
  }
  const std::size_t shift = second.size() - first.size();
  bool numbers = false;
  for (std::size_t j = 0; j < first.size(); ++j) {
    if (is_number(second[j + shift], decimal)) {
      numbers = true;
      const bool index_without_name = j == 0 && first.size() > 1 && first[j].empty();
      if (is_number(first[j], decimal) || is_missing_word(first[j]) ||
          (first[j].empty() && !index_without_name)) {
        return false;
      }
    }
  }
  return numbers;
}

/// Step 4. `rows` begins behind the header.
bool detect_labels(std::span<const Record> rows, char decimal,
                   const std::vector<std::string>& names, bool header_is_short) {
  if (header_is_short || (names.size() > 1 && names[0].empty())) {
    return true;
  }
  bool other_numbers = false;
  for (const Record& row : rows) {
    if (row[0].empty() || is_missing_word(row[0]) || is_number(row[0], decimal)) {
      return false;
    }
    other_numbers = other_numbers ||
                    std::any_of(row.begin() + 1, row.end(),
                                [&](std::string_view text) { return is_number(text, decimal); });
  }
  return other_numbers;
}

/// The fields that hold numbers in every row, as the option columns writes them: "1-4,6".
std::string numeric_columns(std::span<const Record> rows, char decimal, std::size_t fields) {
  std::string list;
  const auto numeric = [&](std::size_t j) {
    return j < fields &&
           std::all_of(
               rows.begin(), rows.end(),
               [&](const Record& row) { return j < row.size() && is_number(row[j], decimal); });
  };
  for (std::size_t j = 0; j < fields; ++j) {
    if (!numeric(j)) {
      continue;
    }
    const std::size_t first = j;
    while (numeric(j + 1)) {
      ++j;
    }
    list += (list.empty() ? "" : ",") + std::to_string(first + 1);
    if (j > first) {
      list += "-" + std::to_string(j + 1);
    }
  }
  return list;
}

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos
             ? std::string_view{}
             : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

[[noreturn]] void fail_columns(const Input& input, const std::string& what) {
  throw InvalidArgument(input.name() + ": option columns: " + what);
}

/// Its number, from 1.
Index column_named(const Input& input, std::string_view name,
                   const std::vector<std::string>& names) {
  const std::string shown = "'" + printable(name) + "'";
  if (names.empty()) {
    fail_columns(input, shown +
                            " is not a column number, and the table has no header with names; set "
                            "the option header if its first row is one");
  }
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    std::string all;
    for (const std::string& one : names) {
      all += (all.empty() ? "" : ", ") + one;
    }
    fail_columns(input, "no column is named " + shown + "; the names are " + printable(all, 200));
  }
  if (std::find(found + 1, names.end(), name) != names.end()) {
    fail_columns(input, "two columns are named " + shown + "; choose by number");
  }
  return found - names.begin() + 1;
}

/// "1-4,6", "3-", "x,y" or "\"1990\",x" as fields counted from 0, in the order given.
std::vector<Index> chosen_columns(const Input& input, std::string_view list,
                                  const std::vector<std::string>& names, Index fields) {
  std::vector<Index> chosen;
  std::vector<bool> taken(static_cast<std::size_t>(fields));
  const auto choose = [&](Index number) {  // from 1
    if (number < 1 || number > fields) {
      fail_columns(input, "column " + std::to_string(number) + " is outside the table, which has " +
                              std::to_string(fields) + "; they count from 1");
    }
    const auto field = static_cast<std::size_t>(number - 1);
    if (taken[field]) {
      fail_columns(input, "column " + std::to_string(number) + " is chosen twice");
    }
    taken[field] = true;
    chosen.push_back(number - 1);
  };
  while (true) {
    list = trimmed(list);
    const bool in_quotes = list.starts_with('"');
    const std::size_t close = in_quotes ? list.find('"', 1) : 0;
    if (close == std::string_view::npos) {
      fail_columns(input, "a quote is not closed in '" + printable(list) + "'");
    }
    const std::size_t comma = std::min(list.find(',', close), list.size());
    const std::string_view item = trimmed(list.substr(0, comma));
    Index first = 0;
    Index last = 0;
    const char* end = item.data() + item.size();
    const NumberEnd from = parse_number(item.data(), end, first);
    const bool range = from.end != end && *from.end == '-';
    const bool open = range && from.end + 1 == end;
    const NumberEnd to = range && !open ? parse_number(from.end + 1, end, last) : from;
    if (item.empty()) {
      fail_columns(input, "an item is empty; write numbers, ranges and names, as in 1-4,6");
    } else if (in_quotes) {
      choose(column_named(input, item.substr(1, close - 1), names));
    } else if (from.status != NumberStatus::ok || to.status != NumberStatus::ok ||
               to.end + (open ? 1 : 0) != end) {
      choose(column_named(input, item, names));
    } else {
      last = open ? fields : (range ? last : first);
      if (last < first) {
        fail_columns(input, "the range " + printable(item) + " is empty");
      }
      for (Index number = first; number <= last; ++number) {
        choose(number);  // ends behind the table at the latest, by an error
      }
    }
    if (comma == list.size()) {
      return chosen;
    }
    list.remove_prefix(comma + 1);
  }
}

void check_options(const Input& input, const ReadOptions& options) {
  constexpr std::string_view reserved = "\"#+-.()\r\n";
  const char delimiter = options.delimiter;
  const bool letter_or_digit = (delimiter >= '0' && delimiter <= '9') ||
                               (delimiter >= 'A' && delimiter <= 'Z') ||
                               (delimiter >= 'a' && delimiter <= 'z');
  if (delimiter != '\0' &&
      (letter_or_digit || reserved.find(delimiter) != std::string_view::npos)) {
    throw InvalidArgument(input.name() + ": option delimiter: '" +
                          printable(std::string_view(&delimiter, 1)) +
                          "' is part of numbers, quotes or comments and cannot separate fields");
  }
  if (options.decimal != '\0' && options.decimal != '.' && options.decimal != ',') {
    throw InvalidArgument(input.name() + ": option decimal: it is '.' or ','");
  }
  if (delimiter == ',' && options.decimal == ',') {
    throw InvalidArgument(input.name() + ": the delimiter and the decimal sign cannot both be ','");
  }
}

}  // namespace

bool is_missing_word(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 12> words = {
      "na", "n/a", "#n/a", "null", "none", "nil", "nul", "missing", "?", "-", ".", "--"};
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
  });
}

CsvDialect detect_dialect(const Input& input, const ReadOptions& options) {
  check_options(input, options);
  if (const std::string_view text = input.text();
      text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    input.fail(TextPosition{}, "the text is UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)");
  }
  const Candidate found = choose_delimiter(input, options);
  const Sample sample = take_sample(input, found.delimiter, options.max_bytes);
  if (sample.empty()) {
    throw NoRecord(input.name() + ": the table is empty: no line but blank ones and comments");
  }

  CsvDialect dialect;
  dialect.delimiter = found.delimiter;
  dialect.decimal = found.decimal;
  dialect.header = options.header.value_or(detect_header(sample, found.decimal));
  const auto rows = std::span(sample).subspan(dialect.header ? 1 : 0);
  const std::size_t fields = (rows.empty() ? sample : rows)[0].size();
  dialect.fields = static_cast<Index>(fields);
  const bool header_is_short = dialect.header && sample[0].size() + 1 == fields;

  std::vector<std::string> names;  // of the fields
  if (dialect.header) {
    if (sample[0].size() != fields && !header_is_short) {
      input.fail(TextPosition{}, "the header has " + std::to_string(sample[0].size()) +
                                     " names and the first row " + std::to_string(fields) +
                                     " fields; give every column a name");
    }
    names.assign(header_is_short ? 1 : 0, "");
    for (const std::string_view name : sample[0]) {
      names.push_back(unescaped(name));
    }
  }

  const char decimal = dialect.decimal;
  dialect.labels =
      options.columns.empty() && fields > 1 && detect_labels(rows, decimal, names, header_is_short);
  dialect.numeric_columns = numeric_columns(rows, decimal, fields);
  std::vector<Index> chosen;
  if (options.columns.empty()) {
    for (Index field = dialect.labels ? 1 : 0; field < dialect.fields; ++field) {
      chosen.push_back(field);
    }
  } else {
    chosen = chosen_columns(input, options.columns, names, dialect.fields);
  }
  dialect.columns = static_cast<Index>(chosen.size());
  dialect.target.assign(fields, -1);
  for (std::size_t j = 0; j < chosen.size(); ++j) {
    const auto field = static_cast<std::size_t>(chosen[j]);
    dialect.target[field] = static_cast<Index>(j);
    if (dialect.header) {
      dialect.names.push_back(names[field]);
    }
    dialect.complex =
        dialect.complex || std::any_of(rows.begin(), rows.end(), [&](const Record& row) {
          double real = 0;
          return field < row.size() && is_number(row[field], decimal) &&
                 parse_whole(row[field], decimal, real) == NumberStatus::not_a_number;
        });
  }
  return dialect;
}

}  // namespace eckart::io
