//! What a plain scalar means to kubectl, which reads YAML 1.1 as go-yaml 2 does and hands it on as JSON; and how to write a string.
//!
//! <https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go> before it became an alias of
//! go.yaml.in/yaml/v2; a test compares with kubectl.

use std::net::Ipv4Addr;

use serde_json::{Number, Value};

/// The value of a plain scalar; `None` for a number that JSON cannot express (`.nan`, `.inf`).
pub fn resolve(text: &str) -> Option<Value> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return None,
        _ if is_infinity(text) => return None,
        _ => number(text).map_or_else(|| Value::from(text), Value::Number),
    })
}

fn is_infinity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    [".inf", ".Inf", ".INF"].contains(&unsigned)
}

fn number(text: &str) -> Option<Number> {
    let plain = without_underscores(text)?;
    integer(&plain).or_else(|| json_number(decimal(&plain)?))
}

/// The value of a plain scalar that is a floating-point number and no integer.
pub fn float(text: &str) -> Option<f64> {
    let plain = without_underscores(text)?;
    integer(&plain).map_or_else(|| decimal(&plain), |_| None)
}

/// What can be a number, without the `_` that it may have: anywhere, but after a first `.` only between two digits.
fn without_underscores(text: &str) -> Option<String> {
    let is_digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let may_be_number = match text.as_bytes().first()? {
        b'.' => text
            .match_indices('_')
            .all(|(at, _)| is_digit(at - 1) && is_digit(at + 1)),
        b'0'..=b'9' | b'+' | b'-' => true,
        _ => false,
    };
    may_be_number.then(|| text.replace('_', ""))
}

/// A decimal, hexadecimal (`0x`), octal (`0o`, `0`) or binary (`0b`) integer.
fn integer(plain: &str) -> Option<Number> {
    let (sign, digits) = match plain.as_bytes() {
        [b'-', ..] => ("-", &plain[1..]),
        [b'+', ..] => ("", &plain[1..]),
        _ => ("", plain),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let signed = i64::from_str_radix(&format!("{sign}{digits}"), radix).map(Number::from);
    signed
        .or_else(|_| u64::from_str_radix(digits, radix).map(Number::from))
        .ok()
        .filter(|number| sign.is_empty() || number.is_i64())
}

fn decimal(plain: &str) -> Option<f64> {
    let is_float = plain.bytes().any(|byte| byte.is_ascii_digit())
        && plain
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    plain.parse::<f64>().ok().filter(|value| is_float && value.is_finite())
}

/// A floating-point number as JSON. Go writes one without a fraction as an integer.
fn json_number(value: f64) -> Option<Number> {
    // Up to here, each integer is a floating-point number.
    let is_integer = value.fract() == 0.0 && value.abs() <= 2f64.powi(53);
    if is_integer {
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}

/// The name of a field by the value of its key; `float` where that is a floating-point number, as [`float`] gives it. `None` for what
/// kubectl takes for no name.
pub fn key(value: &Value, float: Option<f64>) -> Option<String> {
    match (value, float) {
        (_, Some(float)) => Some(float_key(float)),
        (Value::String(text), _) => Some(text.clone()),
        (Value::Bool(_), _) => Some(value.to_string()),
        (Value::Number(number), _) => number.as_i64().map(|number| number.to_string()),
        _ => None,
    }
}

/// A key as kubectl writes it: in single precision, with an exponent below 0.0001 and from a million on.
///
/// <https://github.com/kubernetes-sigs/yaml/blob/master/yaml.go>: `strconv.FormatFloat(key, 'g', -1, 32)`
fn float_key(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "kubectl does so")]
    let value = value as f32;
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    // Of two shortest forms that are as near, Go takes the even one, as a precision does here.
    let shortest = format!("{value:e}");
    let mantissa = shortest.split('e').next().unwrap_or_default();
    let decimals = mantissa.split('.').nth(1).map_or(0, str::len);
    let scientific = format!("{value:.decimals$e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>().unwrap_or(0) {
        exponent @ -4..=5 => {
            let decimals = i32::try_from(decimals).unwrap_or(0) - exponent;
            format!("{value:.*}", usize::try_from(decimals).unwrap_or(0))
        }
        exponent @ 6.. => format!("{mantissa}e+{exponent:02}"),
        exponent => format!("{mantissa}e-{:02}", -exponent),
    }
}

/// A string as a scalar that means this string wherever a scalar can be, also in a list in brackets: in quotes where it would mean
/// something else without, to a reader of YAML 1.1 or 1.2.
pub fn spelled(text: &str) -> String {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    let is_word = text
        .trim_start_matches('.')
        .starts_with(|first: char| first.is_ascii_alphabetic());
    let address = text.split('/').next().unwrap_or_default();
    let is_name = is_word || address.parse::<Ipv4Addr>().is_ok();
    // In brackets, `//` could be the comment of a JSON document.
    let is_plain = text.bytes().all(is_known) && is_name && !text.contains("//");
    let is_string = resolve(text).is_some_and(|value| value == text);
    if is_plain && is_string {
        text.to_owned()
    } else {
        // What JSON writes, YAML reads, but for characters that it takes for line breaks or refuses.
        let json = Value::from(text).to_string();
        json.chars().map(escaped).collect()
    }
}

fn escaped(character: char) -> String {
    let is_special = character.is_control() || "\u{2028}\u{2029}\u{feff}\u{fffe}\u{ffff}".contains(character);
    if is_special {
        format!("\\u{:04x}", u32::from(character))
    } else {
        character.to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plain_scalars_mean_what_they_mean_to_kubectl() {
        for (text, value) in [
            ("yes", json!(true)),
            ("n", json!(false)),
            ("Off", json!(false)),
            ("yES", json!("yES")),
            ("", json!(null)),
            ("0644", json!(420)),
            ("08", json!(8)),
            ("0o17", json!(15)),
            ("0b11", json!(3)),
            ("1_000", json!(1000)),
            ("+5", json!(5)),
            ("-0x1f", json!(-31)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("18446744073709551615", json!(u64::MAX)),
            ("1.0", json!(1)),
            ("1.", json!(1)),
            ("1E+2", json!(100)),
            ("1_0.5", json!(10.5)),
            ("-.5", json!(-0.5)),
            (".5", json!(0.5)),
            (".5_0", json!(0.5)),
            (".5__0", json!(".5__0")),
            (".5_", json!(".5_")),
            ("._5", json!("._5")),
            ("0.1e-7", json!(1e-8)),
            ("123456789012345678901234567890", json!(1.2345678901234568e29)),
            ("12:30", json!("12:30")),
            ("2001-01-01", json!("2001-01-01")),
            ("1e400", json!("1e400")),
            ("0x", json!("0x")),
            ("1e", json!("1e")),
            ("-", json!("-")),
            ("0x-1", json!("0x-1")),
            ("infinity", json!("infinity")),
            ("10.96.", json!("10.96.")),
        ] {
            assert_eq!(resolve(text), Some(value), "{text}");
        }
        assert_eq!(resolve(".nan"), None);
        assert_eq!(resolve("-.Inf"), None);
    }

    #[test]
    fn keys_have_the_names_that_kubectl_gives_them() {
        for (text, name) in [
            ("a", "a"),
            ("yes", "true"),
            ("0644", "420"),
            ("-5", "-5"),
            ("9007199254740993", "9007199254740993"),
            ("1.10", "1.1"),
            ("1.0", "1"),
            ("-0.0", "-0"),
            ("123456.789", "123456.79"),
            ("357.015625", "357.01562"),
            ("999999.0", "999999"),
            ("1000000.0", "1e+06"),
            ("-1234567.0", "-1.234567e+06"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("1e-45", "1e-45"),
            ("1e300", ".inf"),
            ("-1e300", "-.inf"),
            ("1e400", "1e400"),
        ] {
            let value = resolve(text).unwrap();
            assert_eq!(key(&value, float(text)).as_deref(), Some(name), "{text}");
        }
        for text in ["~", "9223372036854775808"] {
            assert_eq!(key(&resolve(text).unwrap(), float(text)), None, "{text}");
        }
    }

    #[test]
    fn a_string_is_spelled_so_that_it_stays_this_string() {
        for text in [
            "a",
            "team-a",
            ".example.com",
            "10.0.0.1",
            "10.0.0.0/8",
            "example.com/team",
            "v1.2_3",
        ] {
            assert_eq!(spelled(text), text);
        }
        for text in [
            "",
            "true",
            "No",
            "y",
            "~",
            "null",
            "1",
            "1.5",
            "0x1f",
            "1e3",
            "1_000",
            "2001-01-01",
            "12:30",
            ".inf",
            "-",
            "--- a",
            "...",
            "a: b",
            "a #b",
            "a, b",
            "[a",
            "::1",
            "fd00::/8",
            "*",
            "&a",
            "!a",
            "<<",
            "a\"b\\",
            "a\nb",
            " a",
            "a ",
            "ä",
            "a:443",
            "n//",
        ] {
            assert_eq!(spelled(text), Value::from(text).to_string());
        }
        for text in [
            "a",
            "10.0.0.0/8",
            "true",
            "n//",
            "a\"b\\\n\u{1}",
            "::1",
            "",
            "...",
            "ä\u{85}\u{2028}",
            "a\u{7f}\u{9f}\u{feff}\u{ffff}😀",
        ] {
            for document in [
                spelled(text),
                format!("- {}\n- b", spelled(text)),
                format!("[{0}, {0}]", spelled(text)),
            ] {
                let values = crate::values(crate::parse(&document).unwrap());
                assert_eq!(values[0], text, "{document}");
            }
        }
    }
}
