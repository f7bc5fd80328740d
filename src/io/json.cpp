#include "io/json.hpp"

#include <cmath>

#include "io/format_reader.hpp"
#include "io/text.hpp"

namespace eckart::io {
namespace {

template <Scalar T>
void append_entry(std::string& out, const T& x) {
  if constexpr (ComplexScalar<T>) {
    out += '[';
    append_entry(out, x.real());
    out += ',';
    append_entry(out, x.imag());
    out += ']';
  } else if (std::isfinite(x)) {
    append_number(out, x);
  } else {
    out += "null";
  }
}

/// [entry,entry,...] of row i.
template <Scalar T>
void append_row(std::string& out, const MatrixView<const T>& a, Index i) {
  out += '[';
  for (Index j = 0; j < a.cols(); ++j) {
    out += j == 0 ? "" : ",";
    append_entry(out, a(i, j));
  }
  out += ']';
}

void write_values(OutputFile& out, const AnyView& values, bool is_vector) {
  std::visit(
      [&]<class T>(const MatrixView<const T>& a) {
        std::string line;
        if (is_vector) {
          append_row(line, a.cols() == 1 ? a.transposed() : a, 0);
          out.write(line);
          return;
        }
        out.write("[");
        for (Index i = 0; i < a.rows(); ++i) {
          line = i == 0 ? "" : ",\n";
          append_row(line, a, i);
          out.write(line);
        }
        out.write("]");
      },
      values);
}

std::string quoted(std::string_view text) {
  constexpr char hex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < ' ') {
      out += "\\u00";
      out += hex[static_cast<unsigned char>(c) >> 4];
      out += hex[static_cast<unsigned char>(c) & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

void write_json(OutputFile& out, const AnyView& a, const WriteOptions&) {
  write_values(out, a, false);
  out.write("\n");
}

void write_json_arrays(OutputFile& out, std::span<const NamedArray> arrays, const WriteOptions&) {
  out.write("{");
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    out.write((i == 0 ? "" : ",\n") + quoted(arrays[i].name) + ": ");
    write_values(out, arrays[i].values, arrays[i].is_vector);
  }
  out.write("}\n");
}

}  // namespace eckart::io
