//! SCIM's attributes and what vendors call them.

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:";

/// An attribute that holds one text, and the folded names of fields that are it, the surest first.
#[derive(Debug)]
pub struct Named {
    /// Of the core schema, or of the enterprise extension.
    pub attribute: &'static str,
    /// Whether it is one of the extension's.
    pub enterprise: bool,
    /// Folded names.
    pub names: &'static [&'static str],
}

impl Named {
    /// As a mapping names it.
    pub fn path(&self) -> String {
        match self.enterprise {
            true => format!("{ENTERPRISE}{}", self.attribute),
            false => self.attribute.to_owned(),
        }
    }
}

const fn core(attribute: &'static str, names: &'static [&'static str]) -> Named {
    Named { attribute, enterprise: false, names }
}

const fn enterprise(attribute: &'static str, names: &'static [&'static str]) -> Named {
    Named { attribute, enterprise: true, names }
}

/// In the order in which they are written.
#[rustfmt::skip]
pub const TEXTS: [Named; 26] = [
    core("externalId", &["externalid", "extid", "externalref", "externalreference", "externalidentifier"]),
    core("name.givenName", &["givenname", "firstname", "forename", "fname", "namefirst", "namegiven"]),
    core("name.middleName", &["middlename", "namemiddle"]),
    core("name.familyName", &["familyname", "lastname", "surname", "lname", "namelast", "namefamily"]),
    core("displayName", &["displayname", "fullname", "namefull", "namedisplay", "nameformatted", "name"]),
    core("nickName", &["nickname", "preferredname"]),
    core("title", &["jobtitle", "title", "position", "jobposition"]),
    core("userType", &["usertype", "employmenttype", "employeetype", "workertype"]),
    core("preferredLanguage", &["preferredlanguage", "language", "languagecode", "lang"]),
    core("locale", &["locale"]),
    core("timezone", &["timezone", "tz", "timezonename"]),
    core("phoneNumbers.^[type=='work'].value", &["workphone", "workphonenumber", "officephone", "businessphone", "phone", "phonenumber", "telephone", "telephonenumber"]),
    core("phoneNumbers.^[type=='mobile'].value", &["mobile", "mobilephone", "mobilenumber", "mobilephonenumber", "cellphone", "cell"]),
    core("photos.^[type=='photo'].value", &["avatarurl", "avatar", "photourl", "photo", "imageurl", "pictureurl", "picture", "profileimageurl", "profileimage"]),
    core("addresses.^[type=='work'].streetAddress", &["streetaddress", "street", "addressline1", "address1"]),
    core("addresses.^[type=='work'].locality", &["city", "locality", "town"]),
    core("addresses.^[type=='work'].region", &["addressstate", "addressregion", "province"]),
    core("addresses.^[type=='work'].postalCode", &["postalcode", "zipcode", "zip", "postcode"]),
    core("addresses.^[type=='work'].country", &["country", "countrycode"]),
    core("roles.^[primary==true].value", &["role", "rolename", "accessrole"]),
    core("entitlements.^[type=='license'].value", &["license", "licensetype", "licence", "seattype"]),
    enterprise("employeeNumber", &["employeenumber", "employeeid", "personnelnumber", "staffid", "badgenumber"]),
    enterprise("costCenter", &["costcenter", "costcentre"]),
    enterprise("organization", &["organization", "organisation", "companyname", "company"]),
    enterprise("division", &["division", "divisionname"]),
    enterprise("department", &["department", "departmentname", "dept"]),
];

/// Its value is the key of another user.
pub const MANAGER: Named = enterprise("manager.value", &["managerid", "supervisorid", "reportsto"]);

/// Lists of texts, which are read and not written: whether the vendor takes a list back is not for a
/// name to say.
pub const NUMBERS: [&str; 3] = ["phonenumbers", "phones", "telephones"];

/// A first password, which no vendor gives back.
pub const PASSWORD: [&str; 3] = ["password", "initialpassword", "temporarypassword"];

/// Stamps, which the vendor makes.
#[rustfmt::skip]
pub const STAMPS: [(&str, &[&str]); 2] = [
    ("meta.created", &["createdat", "created", "createdon", "createddate", "datecreated", "creationdate", "createtime", "createdtime", "dateadded", "addedat"]),
    ("meta.lastModified", &["updatedat", "updated", "modifiedat", "modified", "lastmodified", "lastmodifiedat", "lastupdated", "lastupdatedat", "dateupdated", "datemodified", "updatetime", "updatedtime"]),
];
