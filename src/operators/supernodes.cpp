#include "operators/supernodes.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace eckart {
namespace {

// Rows of a block at the most, so that it stays in the second level of cache while it is factored, and a stop is soon heard.
constexpr Index most_rows = 128;
// Zeros of a block that is made of two, as a share of its entries: as many as are granted to so few rows. Measured on grids.
constexpr Index few_rows = 4, some_rows = 16, many_rows = 48;
constexpr double share_of_some = 0.8, share_of_many = 0.1, share_of_most = 0.05;

constexpr auto& at = Supernodes::at;

// Lists of numbers, one for each of n.
struct Lists {
  std::vector<Index> begin, items;
  [[nodiscard]] std::span<const Index> operator[](Index i) const {
    return std::span(items).subspan(at(begin[at(i)]), at(begin[at(i + 1)] - begin[at(i)]));
  }
};

Lists grouped(Index n, std::span<const Index> key, std::span<const Index> item) {
  Lists lists{std::vector<Index>(at(n) + 1), std::vector<Index>(item.size())};
  for (const Index k : key) {
    ++lists.begin[at(k) + 1];
  }
  std::partial_sum(lists.begin.begin(), lists.begin.end(), lists.begin.begin());
  std::vector<Index> next(lists.begin.begin(), lists.begin.end() - 1);
  for (std::size_t i = 0; i < key.size(); ++i) {
    lists.items[at(next[at(key[i])]++)] = item[i];
  }
  return lists;
}

// 1. above[k]: the i < k with H(i, k) other than zero. -1: a root.
std::vector<Index> elimination_tree(Index n, const Lists& above) {
  std::vector<Index> parent(at(n), -1), ancestor(at(n), -1);
  for (Index k = 0; k < n; ++k) {
    for (Index i : above[k]) {
      while (i != -1 && i < k) {
        const Index next = ancestor[at(i)];
        ancestor[at(i)] = k;
        if (next == -1) {
          parent[at(i)] = k;
        }
        i = next;
      }
    }
  }
  return parent;
}

// 2. The new number of each.
std::vector<Index> postorder(const std::vector<Index>& parent) {
  const auto n = static_cast<Index>(parent.size());
  std::vector<Index> child(at(n), -1), sibling(at(n), -1), order(at(n)), stack;
  for (Index j = n - 1; j >= 0; --j) {
    if (parent[at(j)] >= 0) {
      sibling[at(j)] = child[at(parent[at(j)])];
      child[at(parent[at(j)])] = j;
    }
  }
  Index next = 0;
  for (Index root = 0; root < n; ++root) {
    if (parent[at(root)] >= 0) {
      continue;
    }
    stack.push_back(root);
    while (!stack.empty()) {
      const Index j = stack.back(), first = child[at(j)];
      if (first >= 0) {
        child[at(j)] = sibling[at(first)];
        stack.push_back(first);
      } else {
        order[at(j)] = next++;
        stack.pop_back();
      }
    }
  }
  return order;
}

// 3. The diagonal included.
std::vector<Index> row_counts(const Lists& above, const std::vector<Index>& parent) {
  const auto n = static_cast<Index>(parent.size());
  std::vector<Index> count(at(n), 1), mark(at(n), -1);
  for (Index k = 0; k < n; ++k) {
    mark[at(k)] = k;
    for (Index i : above[k]) {
      for (; mark[at(i)] != k; i = parent[at(i)]) {
        mark[at(i)] = k;
        ++count[at(i)];
      }
    }
  }
  return count;
}

// Rows first ... last - 1 with `columns` columns, `zeros` of whose entries are stored for nothing.
struct Group {
  Index first, last, columns;
  double zeros;
  [[nodiscard]] Index rows() const { return last - first; }
};

double entries_of(Index rows, Index columns) {
  return static_cast<double>(rows) *
         (static_cast<double>(columns) - static_cast<double>(rows - 1) / 2);
}

bool is_worth(const Group& g) {
  const double share = g.zeros / entries_of(g.rows(), g.columns);
  return g.rows() <= most_rows &&
         (g.zeros == 0 || g.rows() <= few_rows ||
          (g.rows() <= some_rows && share < share_of_some) ||
          (g.rows() <= many_rows && share < share_of_many) || share < share_of_most);
}

// 4. A row joins those before it where the last of them is its child.
std::vector<Group> groups_of(const std::vector<Index>& parent, const std::vector<Index>& count) {
  std::vector<Group> groups;
  for (Index j = 0; j < static_cast<Index>(parent.size()); ++j) {
    Group own{j, j + 1, count[at(j)], 0};
    while (!groups.empty()) {
      const Group& before = groups.back();
      const Index above = parent[at(before.last - 1)];
      if (above < own.first || above >= own.last) {
        break;
      }
      Group both{before.first, own.last, before.rows() + own.columns, before.zeros + own.zeros};
      both.zeros +=
          static_cast<double>(before.rows()) * static_cast<double>(both.columns - before.columns);
      if (!is_worth(both)) {
        break;
      }
      groups.pop_back();
      own = both;
    }
    groups.push_back(own);
  }
  return groups;
}

}  // namespace

Supernodes supernodes_of(Index n, std::vector<Index> place, const LowerPlaces& lower) {
  const std::size_t entries = lower.row.size();
  std::vector<Index> small(entries), large(entries);
  const auto renumber = [&] {
    for (std::size_t k = 0; k < entries; ++k) {
      std::tie(small[k], large[k]) =
          std::minmax({place[at(lower.row[k])], place[at(lower.col[k])]});
    }
  };
  renumber();
  std::vector<Index> parent = elimination_tree(n, grouped(n, large, small));  // 1
  const std::vector<Index> order = postorder(parent);                         // 2
  for (Index& p : place) {
    p = order[at(p)];
  }
  renumber();
  std::vector<Index> renumbered(at(n), -1);
  for (Index j = 0; j < n; ++j) {
    renumbered[at(order[at(j)])] = parent[at(j)] >= 0 ? order[at(parent[at(j)])] : -1;
  }
  parent.swap(renumbered);
  const std::vector<Index> count = row_counts(grouped(n, large, small), parent);  // 3

  Supernodes result;
  result.place = std::move(place);
  for (const Index length : count) {
    result.fill += length;
    result.multiplications += static_cast<double>(length) * static_cast<double>(length + 1) / 2;
  }
  result.of_row.resize(at(n));
  result.begin = result.values = {0};
  std::vector<Index> super_parent, super;
  for (const Group& g : groups_of(parent, count)) {  // 4
    const Index s = static_cast<Index>(result.first.size());
    std::fill(result.of_row.begin() + g.first, result.of_row.begin() + g.last, s);
    result.first.push_back(g.first);
    result.begin.push_back(result.begin.back() + g.columns);
    result.values.push_back(result.values.back() + g.rows() * g.columns);
  }
  result.first.push_back(n);
  for (Index s = 0; s < result.count(); ++s) {
    const Index above = parent[at(result.first[at(s + 1)] - 1)];
    if (above >= 0) {
      super.push_back(s);
      super_parent.push_back(result.of_row[at(above)]);
    }
  }
  const Lists children = grouped(result.count(), super_parent, super),
              right_of = grouped(n, small, large);
  result.columns.resize(at(result.begin.back()));
  std::vector<Index> mark(at(n), -1);
  for (Index s = 0; s < result.count(); ++s) {  // 5
    const auto out = result.columns.begin() + result.begin[at(s)];
    auto end = out;
    const Index last = result.first[at(s + 1)];
    const auto add = [&](Index column) {
      if (column >= last && mark[at(column)] != s) {
        mark[at(column)] = s;
        *end++ = column;
      }
    };
    for (Index j = result.first[at(s)]; j < last; ++j) {
      *end++ = j;
    }
    const auto others = end;
    for (Index j = result.first[at(s)]; j < last; ++j) {
      std::ranges::for_each(right_of[j], add);
    }
    for (const Index child : children[s]) {
      std::ranges::for_each(result.columns_of(child), add);
    }
    std::sort(others, end);
  }
  return result;
}

}  // namespace eckart
