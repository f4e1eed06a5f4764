//! Requests signed by hand, for services and answers that the SDK's types do not cover.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, sign,
};
use aws_sigv4::sign::v4::SigningParams;

use super::Clients;
use super::proxy::{Answer, Request};

impl Clients {
    /// Sends a request with this account's keys.
    pub fn ask(
        &self,
        service: &str,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let upstream = self.endpoint.strip_prefix("http://").unwrap();
        let mut request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: vec![("host".to_owned(), upstream.to_owned())],
            body: body.as_bytes().to_vec(),
        };
        for (name, value) in headers {
            request.headers.push(((*name).into(), (*value).into()));
        }
        let keys = (self.keys.0.as_str(), self.keys.1.as_str());
        self::signed(&mut request, &self.endpoint, (service, &self.region), keys);
        request.forward(upstream).unwrap()
    }

    /// A call of S3 Control on the tags of a directory bucket; `query` begins with `?`.
    pub fn control(&self, method: &str, bucket: &str, query: &str, body: &str) -> Answer {
        let arn = self.arn("s3express", &format!("bucket/{bucket}"));
        self.control_of(&self.account, method, &arn, query, body)
    }

    /// The same for a given account.
    pub fn control_of(
        &self,
        account: &str,
        method: &str,
        arn: &str,
        query: &str,
        body: &str,
    ) -> Answer {
        let arn = arn.replace(':', "%3A");
        let path = format!("/v20180820/tags/{arn}{query}");
        let headers = [("x-amz-account-id", account)];
        self.ask("s3express", (method, &path), &headers, body)
    }

    /// The tags of a directory bucket.
    pub fn control_tags(&self, bucket: &str) -> Vec<(String, String)> {
        let answer = self.control("GET", bucket, "", "");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let text = answer.text();
        let between = |text: &str, name: &str| {
            let (begin, end) = (format!("<{name}>"), format!("</{name}>"));
            let rest = text.split_once(&begin).map_or("", |(_, rest)| rest);
            let value = rest.split_once(&end).map_or("", |(value, _)| value);
            value.replace("&amp;", "&")
        };
        let tags = text.split("<Tag>").skip(1);
        tags.map(|tag| (between(tag, "Key"), between(tag, "Value")))
            .collect()
    }

    /// Sets tags of a directory bucket.
    pub fn set_control_tags(&self, bucket: &str, tags: &[(&str, &str)]) -> Answer {
        let tags: Vec<String> = tags
            .iter()
            .map(|(key, value)| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>"))
            .collect();
        let tags = tags.concat();
        let namespace = "http://awss3control.amazonaws.com/doc/2018-08-20/";
        let body = format!(
            "<TagResourceRequest xmlns=\"{namespace}\"><Tags>{tags}</Tags></TagResourceRequest>"
        );
        self.control("POST", bucket, "", &body)
    }
}

/// Signs a request with given keys, as the SDKs do.
pub fn signed(
    request: &mut Request,
    endpoint: &str,
    (service, region): (&str, &str),
    (key, secret): (&str, &str),
) {
    let identity = Credentials::new(key, secret, None, None, "tests").into();
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    if service.starts_with("s3") {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
    }
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(SystemTime::now())
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let uri = format!("{endpoint}{}", request.path);
    let headers = request.headers.iter();
    let headers = headers.map(|(name, value)| (name.as_str(), value.as_str()));
    let body = SignableBody::Bytes(&request.body);
    let signable = SignableRequest::new(&request.method, &uri, headers, body).unwrap();
    let (instructions, _) = sign(signable, &params).unwrap().into_parts();
    for (name, value) in instructions.headers() {
        request.headers.push((name.to_owned(), value.to_owned()));
    }
}
