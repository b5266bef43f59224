//! Encrypted fields of requests (protocol.md 4): `$aes-256-cbc/pbkdf2-sha1$i=75000$<salt>$<ciphertext>`.
//!
//! AES-256-CBC with PKCS#7. The key is PBKDF2-HMAC-SHA1 of the passphrase; the salt is also the IV.
//! The scheme does not authenticate a field: anybody who can change a ciphertext can change the
//! text. Published clients use this scheme.
//!
//! Cost: only deriving the key. An iteration took 0.35 µs on a busy desktop, so the 75,000 of
//! published clients take 30 ms and the allowed maximum of 1,000,000 takes 0.35 s. Every field
//! costs this, because each has its own salt. The RustCrypto crates use the processor's SHA-1
//! instructions if it has them; ring does not, and took 0.2 s and 3.5 s. **Call it off the
//! runtime's workers** (`spawn_blocking`), one recipient at a time.

use std::num::NonZeroU32;

use aes::Aes256;
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use pbkdf2::pbkdf2_hmac_array;
use sha1::Sha1;

const ALGORITHM: &str = "aes-256-cbc/pbkdf2-sha1";

/// The most iterations; more would only keep the phone busy.
pub const MAX_ITERATIONS: u32 = 1_000_000;

/// Published clients differ in whether they pad with `=`.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a field cannot be decrypted, as a sentence for its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecryptError {
    /// No passphrase is set.
    #[error("the message is encrypted, but no passphrase is set (encryption.passphrase)")]
    NoPassphrase,
    /// It does not have the five parts.
    #[error("an encrypted field must look like ${ALGORITHM}$i=75000$SALT$CIPHERTEXT")]
    Shape,
    /// It is encrypted with another algorithm.
    #[error("an encrypted field must be encrypted by {ALGORITHM}")]
    Algorithm,
    /// The number of iterations is missing or out of range.
    #[error("the iteration count of an encrypted field must be i=1 to i={MAX_ITERATIONS}")]
    Iterations,
    /// The salt is not 16 bytes.
    #[error("the salt of an encrypted field must be 16 bytes as base64")]
    Salt,
    /// The ciphertext has an impossible form.
    #[error("the ciphertext of an encrypted field must be whole blocks of 16 bytes as base64")]
    Ciphertext,
    /// The result makes no sense. (The padding reveals a wrong passphrase, except one time in 256;
    /// then the text is not UTF-8.)
    #[error(
        "the passphrase does not match the encrypted field, or the field was changed in transit"
    )]
    WrongPassphrase,
}

/// Decrypts a field. The time depends on its iterations; see the module.
pub fn decrypt(passphrase: Option<&str>, field: &str) -> Result<String, DecryptError> {
    let field = Field::parse(field)?;
    let passphrase = passphrase.ok_or(DecryptError::NoPassphrase)?;
    field.decrypt(passphrase)
}

/// The parts of a field.
struct Field {
    iterations: NonZeroU32,
    salt: [u8; 16],
    ciphertext: Vec<u8>,
}

impl Field {
    fn parse(text: &str) -> Result<Self, DecryptError> {
        let parts: Vec<&str> = text.split('$').collect();
        let &["", algorithm, parameters, salt, ciphertext] = parts.as_slice() else {
            return Err(DecryptError::Shape);
        };
        if algorithm != ALGORITHM {
            return Err(DecryptError::Algorithm);
        }
        let salt = BASE64.decode(salt).map_err(|_| DecryptError::Salt)?;
        let ciphertext = BASE64
            .decode(ciphertext)
            .ok()
            .filter(|bytes| !bytes.is_empty() && bytes.len().is_multiple_of(16))
            .ok_or(DecryptError::Ciphertext)?;
        Ok(Self {
            iterations: iterations(parameters).ok_or(DecryptError::Iterations)?,
            salt: salt.try_into().map_err(|_| DecryptError::Salt)?,
            ciphertext,
        })
    }

    fn decrypt(self, passphrase: &str) -> Result<String, DecryptError> {
        let key: [u8; 32] =
            pbkdf2_hmac_array::<Sha1, 32>(passphrase.as_bytes(), &self.salt, self.iterations.get());
        let cipher = cbc::Decryptor::<Aes256>::new(&key.into(), &self.salt.into());
        let mut buffer = self.ciphertext;
        let length = cipher
            .decrypt_padded::<Pkcs7>(&mut buffer)
            .map_err(|_| DecryptError::WrongPassphrase)?
            .len();
        buffer.truncate(length);
        String::from_utf8(buffer).map_err(|_| DecryptError::WrongPassphrase)
    }
}

/// Returns the number in `i=75000`; ignores other parameters.
fn iterations(parameters: &str) -> Option<NonZeroU32> {
    let digits = parameters
        .split(',')
        .find_map(|parameter| parameter.strip_prefix("i="))
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let count: NonZeroU32 = digits.parse().ok()?;
    (count.get() <= MAX_ITERATIONS).then_some(count)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use cbc::cipher::BlockModeEncrypt;
    use proptest::prelude::*;

    use super::*;

    /// The test vector of protocol.md 4.
    const VECTOR: &str =
        "$aes-256-cbc/pbkdf2-sha1$i=75000$AAECAwQFBgcICQoLDA0ODw==$bplM0uCZ0n3HJaHxt1Zang==";

    fn encrypt(passphrase: &str, iterations: u32, salt: [u8; 16], text: &str) -> String {
        let key = pbkdf2_hmac_array::<Sha1, 32>(passphrase.as_bytes(), &salt, iterations);
        let mut buffer = vec![0; text.len() + 16];
        buffer[..text.len()].copy_from_slice(text.as_bytes());
        let encrypted = cbc::Encryptor::<Aes256>::new(&key.into(), &salt.into())
            .encrypt_padded::<Pkcs7>(&mut buffer, text.len())
            .expect("there is room for the padding");
        let (salt, encrypted) = (STANDARD.encode(salt), STANDARD.encode(encrypted));
        format!("${ALGORITHM}$i={iterations}${salt}${encrypted}")
    }

    #[test]
    fn decrypt_reads_the_vector_of_the_contract() {
        let number = decrypt(Some("correct horse"), VECTOR);
        assert_eq!(number.as_deref(), Ok("+19162255887"));
        let bare = VECTOR.replace("==", "");
        assert_eq!(decrypt(Some("correct horse"), &bare), number);
        let more = VECTOR.replace("i=75000", "v=2,i=75000");
        assert_eq!(decrypt(Some("correct horse"), &more), number);
    }

    #[test]
    fn decrypt_names_the_fault() {
        use DecryptError::*;
        let check = |field: &str, expected| {
            assert_eq!(decrypt(Some("x"), field), Err(expected), "{field}");
        };
        check("", Shape);
        check("+19162255887", Shape);
        check("$aes-256-cbc/pbkdf2-sha1$i=1$AAAA", Shape);
        check(&format!("{VECTOR}$"), Shape);
        check(&format!("x{VECTOR}"), Shape);
        check(&VECTOR.replace("sha1", "sha256"), Algorithm);
        for count in [
            "i=0",
            "i=1000001",
            "i=-1",
            "i=+1",
            "i=",
            "i=1e3",
            "i=99999999999",
            "75000",
        ] {
            check(&VECTOR.replace("i=75000", count), Iterations);
        }
        for salt in ["", "AAEC", "AAECAwQFBgcICQoLDA0ODxA=", "!"] {
            check(&VECTOR.replace("AAECAwQFBgcICQoLDA0ODw==", salt), Salt);
        }
        for ciphertext in ["", "bplM", "bplM0uCZ0n3HJaHxt1Zan!=="] {
            check(
                &VECTOR.replace("bplM0uCZ0n3HJaHxt1Zang==", ciphertext),
                Ciphertext,
            );
        }
        check(VECTOR, WrongPassphrase);
        assert_eq!(decrypt(None, VECTOR), Err(NoPassphrase));
        assert_eq!(decrypt(None, "+19162255887"), Err(Shape));
    }

    proptest! {
        #[test]
        fn decrypt_returns_the_encrypted_text(
            passphrase in "\\PC{0,20}", salt: [u8; 16], text in "\\PC{0,200}", count in 1u32..5,
        ) {
            let field = encrypt(&passphrase, count, salt, &text);
            prop_assert_eq!(decrypt(Some(&passphrase), &field), Ok(text));
        }

        #[test]
        fn decrypt_with_another_passphrase_never_gives_the_text(salt: [u8; 16], text in "\\PC{1,200}") {
            let field = encrypt("ours", 1, salt, &text);
            prop_assert_ne!(decrypt(Some("theirs"), &field), Ok(text));
        }

        #[test]
        fn decrypt_never_panics(
            field in "\\PC{0,60}|\\$aes-256-cbc/pbkdf2-sha1\\$i=[0-9]{1}\\$[A-Za-z0-9+/=]{0,30}\\$[A-Za-z0-9+/=]{0,60}",
        ) {
            let _ = decrypt(Some("x"), &field);
        }
    }
}
