//! The national language single shift tables (3GPP TS 23.038 A.2).
//!
//! A table lists only its defined cells; the ten tables from Bengali to Urdu share the Latin
//! letters and signs of [`SHARED`] and list only their own cells.

use super::Extension;

/// Turkish (3GPP TS 23.038 A.2.1).
#[rustfmt::skip]
pub(super) const TURKISH: Extension = &[
    (0x0A, '\u{c}'), (0x14, '^'), (0x28, '{'), (0x29, '}'), (0x2F, '\\'),
    (0x3C, '['), (0x3D, '~'), (0x3E, ']'), (0x40, '|'), (0x47, 'Ğ'),
    (0x49, 'İ'), (0x53, 'Ş'), (0x63, 'ç'), (0x65, '€'), (0x67, 'ğ'),
    (0x69, 'ı'), (0x73, 'ş'),
];

/// Spanish (3GPP TS 23.038 A.2.2).
#[rustfmt::skip]
pub(super) const SPANISH: Extension = &[
    (0x09, 'ç'), (0x0A, '\u{c}'), (0x14, '^'), (0x28, '{'), (0x29, '}'),
    (0x2F, '\\'), (0x3C, '['), (0x3D, '~'), (0x3E, ']'), (0x40, '|'),
    (0x41, 'Á'), (0x49, 'Í'), (0x4F, 'Ó'), (0x55, 'Ú'), (0x61, 'á'),
    (0x65, '€'), (0x69, 'í'), (0x6F, 'ó'), (0x75, 'ú'),
];

/// Portuguese (3GPP TS 23.038 A.2.3).
#[rustfmt::skip]
pub(super) const PORTUGUESE: Extension = &[
    (0x05, 'ê'), (0x09, 'ç'), (0x0A, '\u{c}'), (0x0B, 'Ô'), (0x0C, 'ô'),
    (0x0E, 'Á'), (0x0F, 'á'), (0x12, 'Φ'), (0x13, 'Γ'), (0x14, '^'),
    (0x15, 'Ω'), (0x16, 'Π'), (0x17, 'Ψ'), (0x18, 'Σ'), (0x19, 'Θ'),
    (0x1F, 'Ê'), (0x28, '{'), (0x29, '}'), (0x2F, '\\'), (0x3C, '['),
    (0x3D, '~'), (0x3E, ']'), (0x40, '|'), (0x41, 'À'), (0x49, 'Í'),
    (0x4F, 'Ó'), (0x55, 'Ú'), (0x5B, 'Ã'), (0x5C, 'Õ'), (0x61, 'Â'),
    (0x65, '€'), (0x69, 'í'), (0x6F, 'ó'), (0x75, 'ú'), (0x7B, 'ã'),
    (0x7C, 'õ'), (0x7F, 'â'),
];

/// The cells that the tables from Bengali to Urdu share (3GPP TS 23.038 A.2.4 to A.2.13).
#[rustfmt::skip]
pub(super) const SHARED: Extension = &[
    (0x00, '@'), (0x01, '£'), (0x02, '$'), (0x03, '¥'), (0x04, '¿'),
    (0x05, '"'), (0x06, '¤'), (0x07, '%'), (0x08, '&'), (0x09, '\''),
    (0x0A, '\u{c}'), (0x0B, '*'), (0x0C, '+'), (0x0E, '-'), (0x0F, '/'),
    (0x10, '<'), (0x11, '='), (0x12, '>'), (0x13, '¡'), (0x14, '^'),
    (0x15, '¡'), (0x16, '_'), (0x17, '#'), (0x18, '*'), (0x28, '{'),
    (0x29, '}'), (0x2F, '\\'), (0x3C, '['), (0x3D, '~'), (0x3E, ']'),
    (0x40, '|'), (0x41, 'A'), (0x42, 'B'), (0x43, 'C'), (0x44, 'D'),
    (0x45, 'E'), (0x46, 'F'), (0x47, 'G'), (0x48, 'H'), (0x49, 'I'),
    (0x4A, 'J'), (0x4B, 'K'), (0x4C, 'L'), (0x4D, 'M'), (0x4E, 'N'),
    (0x4F, 'O'), (0x50, 'P'), (0x51, 'Q'), (0x52, 'R'), (0x53, 'S'),
    (0x54, 'T'), (0x55, 'U'), (0x56, 'V'), (0x57, 'W'), (0x58, 'X'),
    (0x59, 'Y'), (0x5A, 'Z'), (0x65, '€'),
];

/// Bengali (3GPP TS 23.038 A.2.4).
#[rustfmt::skip]
pub(super) const BENGALI: Extension = &[
    (0x19, '\u{9e6}'), (0x1A, '\u{9e7}'), (0x1C, '\u{9e8}'), (0x1D, '\u{9e9}'),
    (0x1E, '\u{9ea}'), (0x1F, '\u{9eb}'), (0x20, '\u{9ec}'), (0x21, '\u{9ed}'),
    (0x22, '\u{9ee}'), (0x23, '\u{9ef}'), (0x24, '\u{9df}'), (0x25, '\u{9e0}'),
    (0x26, '\u{9e1}'), (0x27, '\u{9e2}'), (0x2A, '\u{9e3}'), (0x2B, '\u{9f2}'),
    (0x2C, '\u{9f3}'), (0x2D, '\u{9f4}'), (0x2E, '\u{9f5}'), (0x30, '\u{9f6}'),
    (0x31, '\u{9f7}'), (0x32, '\u{9f8}'), (0x33, '\u{9f9}'), (0x34, '\u{9fa}'),
];

/// Gujarati (3GPP TS 23.038 A.2.5).
#[rustfmt::skip]
pub(super) const GUJARATI: Extension = &[
    (0x19, '\u{964}'), (0x1A, '\u{965}'), (0x1C, '\u{ae6}'), (0x1D, '\u{ae7}'),
    (0x1E, '\u{ae8}'), (0x1F, '\u{ae9}'), (0x20, '\u{aea}'), (0x21, '\u{aeb}'),
    (0x22, '\u{aec}'), (0x23, '\u{aed}'), (0x24, '\u{aee}'), (0x25, '\u{aef}'),
];

/// Hindi (3GPP TS 23.038 A.2.6).
#[rustfmt::skip]
pub(super) const HINDI: Extension = &[
    (0x19, '\u{964}'), (0x1A, '\u{965}'), (0x1C, '\u{966}'), (0x1D, '\u{967}'),
    (0x1E, '\u{968}'), (0x1F, '\u{969}'), (0x20, '\u{96a}'), (0x21, '\u{96b}'),
    (0x22, '\u{96c}'), (0x23, '\u{96d}'), (0x24, '\u{96e}'), (0x25, '\u{96f}'),
    (0x26, '\u{951}'), (0x27, '\u{952}'), (0x2A, '\u{953}'), (0x2B, '\u{954}'),
    (0x2C, '\u{958}'), (0x2D, '\u{959}'), (0x2E, '\u{95a}'), (0x30, '\u{95b}'),
    (0x31, '\u{95c}'), (0x32, '\u{95d}'), (0x33, '\u{95e}'), (0x34, '\u{95f}'),
    (0x35, '\u{960}'), (0x36, '\u{961}'), (0x37, '\u{962}'), (0x38, '\u{963}'),
    (0x39, '\u{970}'), (0x3A, '\u{971}'),
];

/// Kannada (3GPP TS 23.038 A.2.7).
#[rustfmt::skip]
pub(super) const KANNADA: Extension = &[
    (0x19, '\u{964}'), (0x1A, '\u{965}'), (0x1C, '\u{ce6}'), (0x1D, '\u{ce7}'),
    (0x1E, '\u{ce8}'), (0x1F, '\u{ce9}'), (0x20, '\u{cea}'), (0x21, '\u{ceb}'),
    (0x22, '\u{cec}'), (0x23, '\u{ced}'), (0x24, '\u{cee}'), (0x25, '\u{cef}'),
    (0x26, '\u{cde}'), (0x27, '\u{cf1}'), (0x2A, '\u{cf2}'),
];

/// Malayalam (3GPP TS 23.038 A.2.8).
#[rustfmt::skip]
pub(super) const MALAYALAM: Extension = &[
    (0x19, '\u{964}'), (0x1A, '\u{965}'), (0x1C, '\u{d66}'), (0x1D, '\u{d67}'),
    (0x1E, '\u{d68}'), (0x1F, '\u{d69}'), (0x20, '\u{d6a}'), (0x21, '\u{d6b}'),
    (0x22, '\u{d6c}'), (0x23, '\u{d6d}'), (0x24, '\u{d6e}'), (0x25, '\u{d6f}'),
    (0x26, '\u{d70}'), (0x27, '\u{d71}'), (0x2A, '\u{d72}'), (0x2B, '\u{d73}'),
    (0x2C, '\u{d74}'), (0x2D, '\u{d75}'), (0x2E, '\u{d7a}'), (0x30, '\u{d7b}'),
    (0x31, '\u{d7c}'), (0x32, '\u{d7d}'), (0x33, '\u{d7e}'), (0x34, '\u{d7f}'),
];

/// Oriya (3GPP TS 23.038 A.2.9).
#[rustfmt::skip]
pub(super) const ORIYA: Extension = &[
    (0x19, '\u{964}'), (0x1A, '\u{965}'), (0x1C, '\u{b66}'), (0x1D, '\u{b67}'),
    (0x1E, '\u{b68}'), (0x1F, '\u{b69}'), (0x20, '\u{b6a}'), (0x21, '\u{b6b}'),
    (0x22, '\u{b6c}'), (0x23, '\u{b6d}'), (0x24, '\u{b6e}'), (0x25, '\u{b6f}'),
    (0x26, '\u{b5c}'), (0x27, '\u{b5d}'), (0x2A, '\u{b5f}'), (0x2B, '\u{b70}'),
    (0x2C, '\u{b71}'),
];

/// Punjabi (Gurmukhi) (3GPP TS 23.038 A.2.10).
#[rustfmt::skip]
pub(super) const PUNJABI: Extension = &[
    (0x19, '\u{964}'), (0x1A, '\u{965}'), (0x1C, '\u{a66}'), (0x1D, '\u{a67}'),
    (0x1E, '\u{a68}'), (0x1F, '\u{a69}'), (0x20, '\u{a6a}'), (0x21, '\u{a6b}'),
    (0x22, '\u{a6c}'), (0x23, '\u{a6d}'), (0x24, '\u{a6e}'), (0x25, '\u{a6f}'),
    (0x26, '\u{a59}'), (0x27, '\u{a5a}'), (0x2A, '\u{a5b}'), (0x2B, '\u{a5c}'),
    (0x2C, '\u{a5e}'), (0x2D, '\u{a75}'),
];

/// Tamil (3GPP TS 23.038 A.2.11).
#[rustfmt::skip]
pub(super) const TAMIL: Extension = &[
    (0x19, '\u{964}'), (0x1A, '\u{965}'), (0x1C, '\u{be6}'), (0x1D, '\u{be7}'),
    (0x1E, '\u{be8}'), (0x1F, '\u{be9}'), (0x20, '\u{bea}'), (0x21, '\u{beb}'),
    (0x22, '\u{bec}'), (0x23, '\u{bed}'), (0x24, '\u{bee}'), (0x25, '\u{bef}'),
    (0x26, '\u{bf3}'), (0x27, '\u{bf4}'), (0x2A, '\u{bf5}'), (0x2B, '\u{bf6}'),
    (0x2C, '\u{bf7}'), (0x2D, '\u{bf8}'), (0x2E, '\u{bfa}'),
];

/// Telugu (3GPP TS 23.038 A.2.12).
#[rustfmt::skip]
pub(super) const TELUGU: Extension = &[
    (0x1C, '\u{c66}'), (0x1D, '\u{c67}'), (0x1E, '\u{c68}'), (0x1F, '\u{c69}'),
    (0x20, '\u{c6a}'), (0x21, '\u{c6b}'), (0x22, '\u{c6c}'), (0x23, '\u{c6d}'),
    (0x24, '\u{c6e}'), (0x25, '\u{c6f}'), (0x26, '\u{c58}'), (0x27, '\u{c59}'),
    (0x2A, '\u{c78}'), (0x2B, '\u{c79}'), (0x2C, '\u{c7a}'), (0x2D, '\u{c7b}'),
    (0x2E, '\u{c7c}'), (0x30, '\u{c7d}'), (0x31, '\u{c7e}'), (0x32, '\u{c7f}'),
];

/// Urdu (3GPP TS 23.038 A.2.13).
#[rustfmt::skip]
pub(super) const URDU: Extension = &[
    (0x19, '\u{600}'), (0x1A, '\u{601}'), (0x1C, '\u{6f0}'), (0x1D, '\u{6f1}'),
    (0x1E, '\u{6f2}'), (0x1F, '\u{6f3}'), (0x20, '\u{6f4}'), (0x21, '\u{6f5}'),
    (0x22, '\u{6f6}'), (0x23, '\u{6f7}'), (0x24, '\u{6f8}'), (0x25, '\u{6f9}'),
    (0x26, '\u{60c}'), (0x27, '\u{60d}'), (0x2A, '\u{60e}'), (0x2B, '\u{60f}'),
    (0x2C, '\u{610}'), (0x2D, '\u{611}'), (0x2E, '\u{612}'), (0x30, '\u{613}'),
    (0x31, '\u{614}'), (0x32, '\u{61b}'), (0x33, '\u{61f}'), (0x34, '\u{640}'),
    (0x35, '\u{652}'), (0x36, '\u{658}'), (0x37, '\u{66b}'), (0x38, '\u{66c}'),
    (0x39, '\u{672}'), (0x3A, '\u{673}'), (0x3B, '\u{6cd}'), (0x3F, '\u{6d4}'),
];
