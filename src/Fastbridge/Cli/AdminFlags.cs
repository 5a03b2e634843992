using System.CommandLine;
using Fastbridge.Admin;

namespace Fastbridge.Cli;

/// <summary>The options of <c>run</c> that concern the admin API.</summary>
internal sealed class AdminFlags
{
    private readonly Option<string?> _address = new("--admin")
    {
        Description = $"Where the admin API listens; beyond loopback only with a token ({AdminOptions.TokenVariable}) and TLS. Default: FASTBRIDGE_ADMIN, else {AdminOptions.DefaultAddress}",
        HelpName = "HOST:PORT",
    };

    private readonly Option<bool> _none = new("--no-admin") { Description = "No admin API" };

    private readonly Option<string?> _tokenFile = new("--admin-token-file")
    {
        Description = $"The file that holds the admin API's token. Default: FASTBRIDGE_ADMIN_TOKEN_FILE, else the token in {AdminOptions.TokenVariable}, else none",
        HelpName = "FILE",
    };

    private readonly Option<string?> _certFile = new("--admin-cert-file")
    {
        Description = "PEM file of the admin API's certificate, with its chain: https instead of http; read again when it changes. Default: FASTBRIDGE_ADMIN_CERT_FILE, else none",
        HelpName = "FILE",
    };

    private readonly Option<string?> _keyFile = new("--admin-key-file") { Description = "PEM file of its key. Default: FASTBRIDGE_ADMIN_KEY_FILE, else in --admin-cert-file", HelpName = "FILE" };

    private readonly Option<string?> _passwordFile = new("--admin-key-password-file") { Description = "The file that holds the password of an encrypted key. Default: FASTBRIDGE_ADMIN_KEY_PASSWORD_FILE, else none", HelpName = "FILE" };

    private readonly Option<bool> _insecure = new("--admin-insecure") { Description = "Beyond loopback plain HTTP too: only where a TLS proxy stands before it. Default: FASTBRIDGE_ADMIN_INSECURE, else false" };

    public void AddTo(Command command)
    {
        command.Options.Add(_address);
        command.Options.Add(_none);
        command.Options.Add(_tokenFile);
        command.Options.Add(_certFile);
        command.Options.Add(_keyFile);
        command.Options.Add(_passwordFile);
        command.Options.Add(_insecure);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_none) is { Implicit: false } && result.GetResult(_address) is { Implicit: false })
                result.AddError("--admin and --no-admin exclude each other; give one of them");
        });
    }

    /// <summary>Over the settings, by the names in defaults.json.</summary>
    public KeyValuePair<string, string?>[] Overrides(ParseResult parsed) =>
    [
        KeyValuePair.Create("admin", parsed.GetValue(_none) ? "" : parsed.GetValue(_address)),
        KeyValuePair.Create("admin_token_file", parsed.GetValue(_tokenFile)),
        KeyValuePair.Create("admin_cert_file", parsed.GetValue(_certFile)),
        KeyValuePair.Create("admin_key_file", parsed.GetValue(_keyFile)),
        KeyValuePair.Create("admin_key_password_file", parsed.GetValue(_passwordFile)),
        KeyValuePair.Create("admin_insecure", parsed.GetValue(_insecure) ? "true" : null),
    ];
}
