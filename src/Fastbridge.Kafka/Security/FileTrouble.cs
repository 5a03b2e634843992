namespace Fastbridge.Kafka.Security;

/// <summary>Says what is wrong with a PEM file that librdkafka does not take. Pure.</summary>
internal static class FileTrouble
{
    /// <summary>One line: what, which file, remedy.</summary>
    /// <param name="error">librdkafka's, clean and on one line.</param>
    /// <param name="properties">What the producer was to be made with.</param>
    public static string Of(string error, IReadOnlyDictionary<string, string> properties)
    {
        foreach ((string property, string name) in (ReadOnlySpan<(string, string)>)[("ssl.key.location", "tls.key_file"), ("ssl.certificate.location", "tls.cert_file"), ("ssl.ca.location", "tls.ca_file")])
        {
            if (!error.StartsWith(property + " failed", StringComparison.Ordinal))
                continue;
            string file = properties.GetValueOrDefault(property) ?? "";
            return $"{name} ({property}) {file}: {Why(error, property)}";
        }

        if (error.Contains("key values mismatch", StringComparison.Ordinal))
            return "tls.key_file (ssl.key.location): the key does not belong to the certificate in tls.cert_file (ssl.certificate.location); name the two that belong together";
        return $"properties: {error}";
    }

    private static string Why(string error, string property)
    {
        bool Says(string words) => error.Contains(words, StringComparison.OrdinalIgnoreCase);
        if (Says("No such file"))
            return "there is no such file; name one";
        if (Says("Permission denied"))
            return "this user may not read it; permit it to the bridge's user";
        if (Says("key values mismatch"))
            return "the key does not belong to the certificate in tls.cert_file (ssl.certificate.location); name the two that belong together";
        if (property == "ssl.key.location" && (Says("bad decrypt") || Says("bad password") || Says("password") || Says("pkcs12 cipherfinal") || Says("maybe wrong password")))
            return "its password is missing or wrong; give it in tls.key_password (ssl.key.password)";
        return property == "ssl.key.location" ? "there is no private key in it that can be read; PEM is expected" : "there is no certificate in it; PEM (BEGIN CERTIFICATE) is expected";
    }
}
