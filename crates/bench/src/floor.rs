//! A module that gives one answer, ready-made: the limit of any policy that changes a pod.
//!
//! It takes the request into its memory, as every policy must, and reads nothing of it.

use anyhow::Result;

const PAGE: usize = 64 << 10;

/// The module for an answer of `validate` to a request of this size. Policy servers also call `validate_settings` and
/// `protocol_version`, which it tells apart by the lengths of their names.
pub fn module(answer: &[u8], request_bytes: usize) -> Result<Vec<u8>> {
    const VALID: &str = r#"{"valid":true}"#;
    const VERSION: &str = r#""v1""#;
    let data: String = answer.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let length = answer.len();
    let (valid, version) = (length, length + VALID.len());
    let request = version + VERSION.len();
    // The function's name comes after the request.
    let pages = (request + request_bytes + 64).div_ceil(PAGE);
    let escaped = |text: &str| text.replace('"', "\\\"");
    let text = format!(
        r#"(module
            (import "wapc" "__guest_request" (func $request (param i32 i32)))
            (import "wapc" "__guest_response" (func $response (param i32 i32)))
            (memory (export "memory") {pages})
            (data (i32.const 0) "{data}")
            (data (i32.const {valid}) "{}")
            (data (i32.const {version}) "{}")
            (func (export "__guest_call") (param $name i32) (param $length i32) (result i32)
                (call $request (i32.add (i32.const {request}) (local.get $length)) (i32.const {request}))
                (if (i32.eq (local.get $name) (i32.const {}))
                    (then (call $response (i32.const {valid}) (i32.const {})))
                    (else (if (i32.eq (local.get $name) (i32.const {}))
                        (then (call $response (i32.const {version}) (i32.const {})))
                        (else (call $response (i32.const 0) (i32.const {length}))))))
                (i32.const 1)))"#,
        escaped(VALID),
        escaped(VERSION),
        "validate_settings".len(),
        VALID.len(),
        "protocol_version".len(),
        VERSION.len(),
    );
    Ok(wat::parse_str(text)?)
}

#[cfg(test)]
mod tests {
    use host::meter::Meter;

    use super::*;

    #[test]
    fn the_module_answers_what_it_was_made_with() {
        let answer = br#"{"accepted":true,"mutated_object":{"a":"\u00e9\\"}}"#;
        let meter = Meter::new(&module(answer, 100_000).unwrap()).unwrap();
        let call = |function, payload: &[u8]| meter.call(function, payload).unwrap().answer;
        assert_eq!(call("validate", &[b' '; 100_000]), answer);
        assert_eq!(call("validate_settings", b"{}"), br#"{"valid":true}"#);
        assert_eq!(call("protocol_version", b""), br#""v1""#);
    }
}
