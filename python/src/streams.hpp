#pragma once

// How Python holds a stream: one of the four types behind one class, used by one thread at a time, and stopped by Ctrl-C.
//
// A lock of the stream's own is held while the interpreter's is released. Nobody waits for it with the interpreter's lock in hand, nor
// without looking for Ctrl-C.
//
// The engine gives a stream its stop token for life, and run() has one for every call: a call's token stops that of the stream. A stream
// that was stopped goes on from its own state with a token that was not, when it is next used; no bit depends on that.

#include <algorithm>
#include <chrono>
#include <complex>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>

#include <nanobind/nanobind.h>

#include <eckart/error.hpp>
#include <eckart/stream_state.hpp>

#include "array.hpp"
#include "results.hpp"
#include "run.hpp"

namespace eckart::python {

// A result of any of the four types.
template <template <class> class Result>
using AnyOf = std::variant<Result<double>, Result<float>, Result<std::complex<float>>,
                           Result<std::complex<double>>>;

/// From here on the interpreter's lock is given back: below it, some microseconds, that could cost a wait of 5 ms to have it again.
constexpr double flops_of_little = 1e5;
/// Work that is watched for Ctrl-C, whatever it will take.
constexpr double flops_of_much = 1e9;

template <template <class> class Stream, class StreamOptions>
class Held {
 public:
  using Options = StreamOptions;
  template <class T>
  using Of = Stream<T>;

  /// make.template operator()<T>(options) is a stream of the type of the character, made while Ctrl-C can stop it.
  template <class Make>
  Held(char type, Options options, double flops, const Make& make) : threads_(options.threads) {
    options.stop = source_.get_token();
    run(threads_, flops, nb::none(), [&](const Execution& execution) {
      const std::stop_callback stops(execution.stop, [this] { source_.request_stop(); });
      switch (type) {
        case 'f':
          stream_ = make.template operator()<float>(options);
          break;
        case 'F':
          stream_ = make.template operator()<std::complex<float>>(options);
          break;
        case 'D':
          stream_ = make.template operator()<std::complex<double>>(options);
          break;
        default:
          stream_ = make.template operator()<double>(options);
      }
    });
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  /// work(stream, execution) alone with the stream, and without the interpreter's lock but for what is over in microseconds;
  /// execution.stop is this call's.
  template <class Work>
  void use(double flops, const Work& work) {
    bool is_free = false;
    {
      const std::unique_lock lock(one_at_a_time_, std::try_to_lock);
      is_free = lock.owns_lock();
      if (is_free && flops < flops_of_little) {
        with_token({},
                   [&] { std::visit([&](auto& stream) { work(*stream, Execution{}); }, stream_); });
        return;
      }
    }
    run(1, is_free ? flops : flops_of_much, nb::none(), [&](const Execution& execution) {
      const auto lock = alone(execution);
      with_token(execution,
                 [&] { std::visit([&](auto& stream) { work(*stream, execution); }, stream_); });
    });
  }

  /// work(stream, other's stream), both alone; InvalidArgument where they have not one type.
  template <class Work>
  void use_with(Held& other, const Work& work) {
    if (stream_.index() != other.stream_.index()) {
      throw InvalidArgument("streams that are merged have one type");
    }
    run(1, flops_of_much, nb::none(), [&](const Execution& execution) {
      // In one order, so that two that wait for each other cannot be.
      const auto first = std::min(this, &other)->alone(execution);
      const auto second = std::max(this, &other)->alone(execution);
      with_token(execution, [&] {
        std::visit(
            [&]<class S>(std::unique_ptr<S>& stream) {
              work(*stream, std::as_const(*std::get<std::unique_ptr<S>>(other.stream_)));
            },
            stream_);
      });
    });
  }

  /// get(stream), a number or a matrix.
  template <class Get>
  auto read(const Get& get, double flops = 0) {
    using Result = decltype(get(*std::get<0>(stream_)));
    Result result = {};
    use(flops, [&](auto& stream, const Execution&) { result = get(stream); });
    return result;
  }

 private:
  static constexpr auto between_looks = std::chrono::milliseconds(50);

  std::unique_lock<std::timed_mutex> alone(const Execution& execution) {
    std::unique_lock lock(one_at_a_time_, std::defer_lock);
    while (!lock.try_lock_for(between_looks)) {
      execution.check_stop();
    }
    return lock;
  }
  template <class Work>
  void with_token(const Execution& execution, const Work& work) {
    if (source_.stop_requested()) {
      go_on_from_state();
    }
    const std::stop_callback stops(execution.stop, [this] { source_.request_stop(); });
    work();
  }
  void go_on_from_state() {
    std::stop_source fresh;
    Options options;
    options.threads = threads_;
    options.stop = fresh.get_token();
    std::visit(
        [&]<class S>(std::unique_ptr<S>& stream) {
          stream = std::make_unique<S>(stream->state(), options);
        },
        stream_);
    source_ = std::move(fresh);
  }

  std::variant<std::unique_ptr<Stream<float>>, std::unique_ptr<Stream<double>>,
               std::unique_ptr<Stream<std::complex<float>>>,
               std::unique_ptr<Stream<std::complex<double>>>>
      stream_;
  int threads_;
  std::stop_source source_;
  std::timed_mutex one_at_a_time_;
};

/// 'f', 'd', 'F' or 'D'.
inline char type_char_of(const std::string& type) {
  return type.empty() ? 'd' : type[0];
}

/// The type of a stream's rows.
template <class S>
struct EntryOf;
template <template <class> class Stream, class T>
struct EntryOf<Stream<T>> {
  using type = T;
};

/// Rows, columns or vectors of the stream's type, read where they are: work(stream, view).
template <class H, class Work>
void use_array(H& held, nb::handle array, const Work& work) {
  const Array a(array, Access::read);
  const double flops =
      1280.0 * static_cast<double>(a.from_last(0)) * static_cast<double>(a.from_last(1));
  held.use(flops, [&]<class S>(S& stream, const Execution&) {
    using T = typename EntryOf<S>::type;
    work(stream, MatrixView<const T>(a.matrix<T>(0)));
  });
}

/// What describe(result) makes of find(stream, stop), a Result of the stream's type, for Python.
template <template <class> class Result, class H, class Find, class Describe>
nb::tuple described(H& held, const Find& find, const Describe& describe) {
  AnyOf<Result> found;
  held.use(flops_of_much,
           [&](auto& stream, const Execution& execution) { found = find(stream, execution.stop); });
  return std::visit(describe, found);
}
/// Of a result with both sides.
template <class Found>
nb::tuple triplets_and(Found& top, const nb::dict& facts) {
  return nb::make_tuple(to_numpy(std::move(top.U)), to_numpy(std::move(top.s)),
                        to_numpy(std::move(top.Vh)), facts);
}

/// A state as a dictionary of arrays, from which pickles and files are made.
nb::dict to_dict(const StreamState& state);
StreamState from_dict(const nb::dict& arrays);

template <class H>
nb::dict state_of(H& held) {
  return to_dict(held.read([](auto& stream) { return stream.state(); }, flops_of_little));
}
template <class H>
Index rows_of(H& held) {
  return held.read([](auto& stream) { return stream.rows(); });
}
template <class H>
Index cols_of(H& held) {
  return held.read([](auto& stream) { return stream.cols(); });
}
/// A stream that goes on from a state.
template <class H>
std::unique_ptr<H> held_from(const std::string& type, const nb::dict& arrays, int threads) {
  const StreamState state = from_dict(arrays);
  typename H::Options options;
  options.threads = threads;
  return std::make_unique<H>(type_char_of(type), options, flops_of_much,
                             [&]<class T>(const typename H::Options& how) {
                               return std::make_unique<typename H::template Of<T>>(state, how);
                             });
}

}  // namespace eckart::python
