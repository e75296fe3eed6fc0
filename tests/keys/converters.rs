//! Each converter has a sample, and does what the sample says.

use crate::{
    family::{put, value},
    mapping::family,
};
use scimshim::mapping::{
    self,
    convert::Converter,
    keys::{CONVERTER, SAMPLES, Sample},
};
use serde_json::Value;

/// The converter as a mapping makes it.
fn made(sample: &Sample) -> Converter {
    let mut file = value(family().base);
    let converters = Value::Array(vec![value(sample.converter)]);
    put(&mut file, "/resources/User/fields/source/convert", converters);
    let loaded = mapping::load("m.yaml", &file.to_string());
    let plan = loaded.plan.unwrap_or_else(|| panic!("{}: {:?}", sample.converter, loaded.findings));
    let mut users = plan.resources.into_iter().filter(|resource| resource.kind.name == "User");
    let source = users.next().unwrap().fields.remove(0);
    source.converters.into_iter().next().unwrap()
}

#[test]
fn every_sample_holds() {
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    for sample in SAMPLES {
        let converter = made(sample);
        if let Some(scim) = sample.scim {
            let written = converter.write(&json(scim));
            assert_eq!(written, Ok(json(sample.vendor)), "{}", sample.converter);
        }
        let back = converter.read(&json(sample.vendor));
        assert_eq!(back, Some(json(sample.back)), "{}", sample.converter);
    }
}

#[test]
fn every_converter_has_a_sample() {
    let name = |sample: &Sample| match value(sample.converter) {
        Value::String(word) => word,
        map => map.as_object().unwrap().keys().next().unwrap().clone(),
    };
    let mut samples: Vec<String> = SAMPLES.iter().map(name).collect();
    samples.dedup();
    let converters: Vec<&str> = CONVERTER.keys().map(|known| known.name).collect();
    assert_eq!(samples, converters);
}
