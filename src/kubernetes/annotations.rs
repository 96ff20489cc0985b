//! The annotations of an object.

use std::borrow::Cow;

use json::{Problem, Reader, Span};

/// The maximum number of bytes that the keys and values of all annotations of an object have together (Kubernetes'
/// `TotalAnnotationSizeLimitB`).
pub(crate) const MAX_ANNOTATION_BYTES: usize = 256 * 1024;

#[derive(Default)]
pub(crate) struct Annotations<'a> {
    /// Where the annotations are, if the field is there.
    pub span: Option<Span>,
    all: Vec<Annotation<'a>>,
}

pub(crate) struct Annotation<'a> {
    key: Cow<'a, str>,
    pub value: Cow<'a, str>,
    /// Where the value is.
    pub span: Span,
}

impl Annotation<'_> {
    /// Its share of [`MAX_ANNOTATION_BYTES`].
    pub(crate) fn bytes(&self) -> usize {
        self.key.len() + self.value.len()
    }
}

impl<'a> Annotations<'a> {
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut all = Vec::with_capacity(4);
        let (span, _) = reader.spanned(|reader| {
            reader.map(|reader, key| {
                let (span, value) = reader.spanned(Reader::string)?;
                let value = value.unwrap_or_default();
                all.push(Annotation { key, value, span });
                Ok(())
            })
        })?;
        Ok(Annotations { span: Some(span), all })
    }

    /// The annotation with this key. If there are several, the last one counts, as for the API server.
    pub(crate) fn find(&self, key: &str) -> Option<&Annotation<'a>> {
        self.all.iter().rfind(|annotation| annotation.key == key)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|annotation| &*annotation.key)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.find(key).map(|annotation| &*annotation.value)
    }

    /// The share of all annotations in [`MAX_ANNOTATION_BYTES`].
    pub(crate) fn bytes(&self) -> usize {
        self.all.iter().map(Annotation::bytes).sum()
    }
}
