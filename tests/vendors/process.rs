//! One fake vendor as a process: `vendor dialpad` prints its address, and serves until it is ended.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "what panics has failed, and says where"
)]

#[path = "fakes.rs"]
#[expect(dead_code, reason = "nobody looks into the vendor here, or troubles it")]
mod fakes;

use fakes::{
    acall::Acall, carbon_voice::CarbonVoice, dialpad::Dialpad, envoy::Envoy, playvox::Playvox,
    route::Vendor, server::Fake,
};
use std::{future, process::ExitCode};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    match name.as_str() {
        "acall" => serve(Acall::start().await).await,
        "carbon-voice" => serve(CarbonVoice::start().await).await,
        "dialpad" => serve(Dialpad::start().await).await,
        "envoy" => serve(Envoy::start().await).await,
        "playvox" => serve(Playvox::start().await).await,
        _ => {
            eprintln!(
                "there is no vendor `{name}`: acall, carbon-voice, dialpad, envoy or playvox"
            );
            ExitCode::FAILURE
        }
    }
}

async fn serve<V: Vendor>(vendor: Fake<V>) -> ExitCode {
    println!("{}", vendor.url());
    future::pending().await
}
