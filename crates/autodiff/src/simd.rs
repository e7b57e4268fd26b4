//! Which SIMD instructions loops are compiled for, chosen at run time.
//!
//! A plain `cargo build` makes code that runs on every processor of its
//! architecture. A loop in [`run`] is compiled several times, for wider and
//! wider registers, and the widest that the processor has is called. No loop
//! contracts a product and a sum to one rounding, so that **all levels give
//! the same bits**.
//!
//! ```
//! use wengert_autodiff::simd;
//!
//! let (x, mut y) = ([1.0f32; 100], [2.0f32; 100]);
//! simd::run(
//!     #[inline(always)]
//!     || {
//!         for (y, &x) in y.iter_mut().zip(&x) {
//!             *y += 0.5 * x;
//!         }
//!     },
//! );
//! assert_eq!(y, [2.5; 100]);
//! ```
//!
//! The environment variable `WENGERT_SIMD` (`portable`, `avx2`, `avx512`)
//! lowers the level of a process, [`with_level`] that of a part of it.

use std::cell::Cell;
use std::fmt;
use std::sync::OnceLock;

/// Instructions that loops are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// What every processor of the architecture has: SSE2 on x86-64, NEON on
    /// AArch64.
    Portable,
    /// 256-bit registers: AVX2 (x86-64-v3).
    Avx2,
    /// 512-bit registers: AVX-512 F, BW, CD, DQ and VL (x86-64-v4).
    Avx512,
}

impl Level {
    /// Every level, from narrow to wide.
    pub const ALL: [Level; 3] = [Level::Portable, Level::Avx2, Level::Avx512];

    /// Whether this processor has these instructions.
    ///
    /// ```
    /// assert!(wengert_autodiff::simd::Level::Portable.is_available());
    /// ```
    pub fn is_available(self) -> bool {
        match self {
            Level::Portable => true,
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            Level::Avx2 => pulp::x86::V3::is_available(),
            #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
            Level::Avx512 => pulp::x86::V4::is_available(),
            #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
            Level::Avx2 | Level::Avx512 => false,
        }
    }

    /// The levels that this processor has, from narrow to wide.
    pub fn available() -> impl Iterator<Item = Level> {
        Level::ALL.into_iter().filter(|level| level.is_available())
    }

    /// The widest one that this processor has.
    fn widest() -> Level {
        Level::available().last().unwrap_or(Level::Portable)
    }

    fn name(self) -> &'static str {
        match self {
            Level::Portable => "portable",
            Level::Avx2 => "avx2",
            Level::Avx512 => "avx512",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

thread_local! {
    /// What [`with_level`] asks for on this thread.
    static FORCED: Cell<Option<Level>> = const { Cell::new(None) };
}

/// The level at which this thread runs loops: that of [`with_level`], or of
/// `WENGERT_SIMD`, or the widest that the processor has.
///
/// `WENGERT_SIMD` is read once. If it names no level, or one that the
/// processor does not have, that is said on standard error, and the widest is
/// taken.
///
/// ```
/// assert!(wengert_autodiff::simd::level().is_available());
/// ```
#[inline]
pub fn level() -> Level {
    static DEFAULT: OnceLock<Level> = OnceLock::new();
    match FORCED.get() {
        Some(level) => level,
        None => *DEFAULT.get_or_init(default),
    }
}

#[cold]
fn default() -> Level {
    let widest = Level::widest();
    let Some(wish) = std::env::var_os("WENGERT_SIMD") else {
        return widest;
    };
    match wished(&wish.to_string_lossy(), widest) {
        Ok(level) => level,
        Err(why) => {
            eprintln!("WENGERT_SIMD: {why}; using {widest}");
            widest
        }
    }
}

/// The level of this name, or why it cannot be had.
fn wished(name: &str, widest: Level) -> Result<Level, String> {
    let level = Level::ALL.into_iter().find(|level| level.name() == name);
    match level {
        Some(level) if level <= widest => Ok(level),
        Some(level) => Err(format!("this processor does not have {level}")),
        None => Err(format!("`{name}` is not one of portable, avx2, avx512")),
    }
}

/// Calls `f` with [`level`] as given on this thread, for tests and
/// measurements. Threads that `f` starts do not inherit it.
///
/// # Panics
///
/// If the processor does not have these instructions.
///
/// ```
/// use wengert_autodiff::simd::{self, Level};
///
/// let level = simd::with_level(Level::Portable, simd::level);
/// assert_eq!(level, Level::Portable);
/// ```
#[track_caller]
pub fn with_level<R>(level: Level, f: impl FnOnce() -> R) -> R {
    struct Restore(Option<Level>);
    impl Drop for Restore {
        fn drop(&mut self) {
            FORCED.set(self.0);
        }
    }
    assert!(level.is_available(), "this processor does not have {level}");
    let _restore = Restore(FORCED.replace(Some(level)));
    f()
}

/// Calls `f`, compiled for the instructions of [`level`]. What is to profit
/// must be inlined into `f`: loops, and closures and functions that are
/// `#[inline(always)]`.
///
/// Costs about a nanosecond, so it belongs around a loop, not into it.
#[inline]
pub fn run<R>(f: impl FnOnce() -> R) -> R {
    run_at(level(), f)
}

/// [`run`], for a loop over so many bytes: in registers that they fill, because
/// what fills none is computed one by one.
#[inline]
pub(crate) fn run_over<R>(bytes: usize, f: impl FnOnce() -> R) -> R {
    let widest = if bytes < 64 {
        Level::Avx2
    } else {
        Level::Avx512
    };
    run_at(level().min(widest), f)
}

#[inline(always)]
fn run_at<R>(level: Level, f: impl FnOnce() -> R) -> R {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    match level {
        Level::Portable => {}
        Level::Avx2 => {
            if let Some(simd) = pulp::x86::V3::try_new() {
                return simd.vectorize(f);
            }
        }
        Level::Avx512 => {
            if let Some(simd) = pulp::x86::V4::try_new() {
                return simd.vectorize(f);
            }
        }
    }
    f()
}

/// [`run`], with AVX2 at most: for loops that load and store as much as they
/// calculate. Wider registers do not make these faster, and would be one more
/// copy to compile.
#[inline]
pub(crate) fn run_light<R>(f: impl FnOnce() -> R) -> R {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    if level() >= Level::Avx2
        && let Some(simd) = pulp::x86::V3::try_new()
    {
        return simd.vectorize(f);
    }
    f()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_in_force_inside_and_on_this_thread_alone() {
        let before = level();
        for wish in Level::available() {
            with_level(wish, || {
                assert_eq!(level(), wish);
                assert_eq!(run(level), wish);
                let elsewhere = std::thread::spawn(level).join().unwrap();
                assert_eq!(elsewhere, before);
                with_level(Level::Portable, || assert_eq!(level(), Level::Portable));
                assert_eq!(level(), wish);
            });
        }
        assert_eq!(level(), before);
        let failed =
            std::panic::catch_unwind(|| with_level(Level::Portable, || panic!("on purpose")));
        assert!(failed.is_err());
        assert_eq!(level(), before);
    }

    /// Run by [`the_environment_chooses`] in a process of its own.
    #[test]
    fn tells_its_level() {
        println!("runs at {}", level());
    }

    #[test]
    fn the_environment_chooses() {
        let ask = |wish: &str| {
            let out = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["simd::tests::tells_its_level", "--exact", "--nocapture"])
                .env("WENGERT_SIMD", wish)
                .output()
                .unwrap();
            let text = |bytes| String::from_utf8(bytes).unwrap();
            (text(out.stdout), text(out.stderr))
        };
        for level in Level::available() {
            let (out, err) = ask(level.name());
            assert!(out.contains(&format!("runs at {level}\n")), "{out}");
            assert!(!err.contains("WENGERT_SIMD"), "{err}");
        }
        let widest = Level::widest();
        let (out, err) = ask("avx");
        assert!(out.contains(&format!("runs at {widest}\n")), "{out}");
        let message =
            format!("WENGERT_SIMD: `avx` is not one of portable, avx2, avx512; using {widest}\n");
        assert_eq!(err.matches("WENGERT_SIMD").count(), 1);
        assert!(err.contains(&message), "{err}");
    }

    #[test]
    fn names_of_levels() {
        for level in Level::ALL {
            assert_eq!(wished(&level.to_string(), Level::Avx512), Ok(level));
        }
        assert_eq!(
            wished("avx512", Level::Avx2).unwrap_err(),
            "this processor does not have avx512"
        );
        assert_eq!(
            wished("AVX", Level::Avx512).unwrap_err(),
            "`AVX` is not one of portable, avx2, avx512"
        );
    }
}
