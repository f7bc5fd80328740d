//! faer behind a C function, so that the benchmark can load it at run time like its other peers.

use faer::{MatRef, Par};

/// Decomposes the column-major m x n matrix at `a`. With `vectors` u (m x k) and v (n x k) receive column-major factors.
/// `threads` = 1 runs in the calling thread; more through rayon. Returns 0, or 1 when faer did not converge.
///
/// # Safety
/// `a`, `s` (k values), `u` and `v` point to memory of these sizes; u and v are not touched without `vectors`.
#[no_mangle]
pub unsafe extern "C" fn eckart_faer_svd(
    m: usize, n: usize, a: *const f64, s: *mut f64, u: *mut f64, v: *mut f64, vectors: bool, threads: usize,
) -> i32 {
    faer::set_global_parallelism(if threads == 1 { Par::Seq } else { Par::rayon(threads) });
    let matrix = MatRef::from_raw_parts(a, m, n, 1, m as isize);
    let k = m.min(n);
    if !vectors {
        return match matrix.singular_values() {
            Ok(values) => {
                std::ptr::copy_nonoverlapping(values.as_ptr(), s, k);
                0
            }
            Err(_) => 1,
        };
    }
    match matrix.thin_svd() {
        Ok(svd) => {
            for j in 0..k {
                *s.add(j) = svd.S()[j];
                std::ptr::copy_nonoverlapping(svd.U().col(j).try_as_col_major().unwrap().as_ptr(), u.add(j * m), m);
                std::ptr::copy_nonoverlapping(svd.V().col(j).try_as_col_major().unwrap().as_ptr(), v.add(j * n), n);
            }
            0
        }
        Err(_) => 1,
    }
}
