// eckart._engine: the engine as the modules of eckart/ call it. Private: its functions take arrays that are ready for them and
// check little; names, defaults, conversions and documentation are the modules'.

#include "bindings.hpp"
#include "ending.hpp"
#include "errors.hpp"

NB_MODULE(_engine, m) {
  using namespace eckart::python;
  translate_errors();
  bind_report(m);
  bind_svd(m);
  bind_solvers(m);
  bind_subspaces(m);
  bind_info(m);
  bind_operators(m);
  bind_files(m);
  bind_truncated(m);
  bind_streams(m);
  bind_sketch(m);
  bind_principal(m);
  bind_ending();
}
