using System.CommandLine;
using Fastbridge.Admin;

namespace Fastbridge.Cli;

/// <summary>The options of <c>run</c> that concern the admin API.</summary>
internal sealed class AdminFlags
{
    private readonly Option<string?> _address = new("--admin")
    {
        Description = $"Where the admin API listens; beyond loopback only with a token ({AdminOptions.TokenVariable}). Default: FASTBRIDGE_ADMIN, else {AdminOptions.DefaultAddress}",
        HelpName = "HOST:PORT",
    };

    private readonly Option<bool> _none = new("--no-admin") { Description = "No admin API" };

    private readonly Option<string?> _tokenFile = new("--admin-token-file")
    {
        Description = $"The file that holds the admin API's token. Default: FASTBRIDGE_ADMIN_TOKEN_FILE, else the token in {AdminOptions.TokenVariable}, else none",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_address);
        command.Options.Add(_none);
        command.Options.Add(_tokenFile);
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
    ];
}
