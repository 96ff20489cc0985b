//! A pod's volumes, and the places where containers mount them.

use std::borrow::Cow;

use crate::kubernetes::list::read_list;
use json::{Problem, Reader, Span};

/// An entry of `volumes`.
pub(crate) struct Volume<'a> {
    pub span: Span,
    pub name: Cow<'a, str>,
}

/// An entry of `volumeMounts`.
#[derive(Default)]
pub(crate) struct VolumeMount<'a> {
    pub span: Span,
    /// The name of the volume.
    pub name: Cow<'a, str>,
    pub mount_path: Cow<'a, str>,
    /// Whether it mounts only a part of the volume (`subPath`, `subPathExpr`).
    pub partial: bool,
}

impl<'a> Volume<'a> {
    pub(super) fn read_list(reader: &mut Reader<'a>) -> Result<Vec<Self>, Problem> {
        read_list(reader, |reader| {
            let mut name = Cow::Borrowed("");
            let span = reader.required_object(|reader, field| {
                match field {
                    "name" => name = reader.string()?.unwrap_or_default(),
                    _ => reader.skip()?,
                }
                Ok(())
            })?;
            Ok(Volume { span, name })
        })
    }
}

impl<'a> VolumeMount<'a> {
    pub(super) fn read_list(reader: &mut Reader<'a>) -> Result<Vec<Self>, Problem> {
        read_list(reader, VolumeMount::read)
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, Problem> {
        let mut mount = VolumeMount::default();
        let is_set = |path: Option<Cow<str>>| path.is_some_and(|path| !path.is_empty());
        let (mut sub_path, mut sub_path_expr) = (false, false);
        mount.span = reader.required_object(|reader, field| {
            match field {
                "name" => mount.name = reader.string()?.unwrap_or_default(),
                "subPath" => sub_path = is_set(reader.string()?),
                "subPathExpr" => sub_path_expr = is_set(reader.string()?),
                "mountPath" => mount.mount_path = reader.string()?.unwrap_or_default(),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        mount.partial = sub_path || sub_path_expr;
        Ok(mount)
    }
}
