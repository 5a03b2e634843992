using System.CommandLine;
using System.Text;

namespace Fastbridge.Cli.Manual;

/// <summary>
/// Completion scripts. All work alike: walk the words to find the command, then offer the values of the option before the cursor, else the command's
/// subcommands and options. They run nothing, so they are quick on a gateway.
/// </summary>
internal static class CompletionScripts
{
    public static string Bash(List<CommandDescription> commands)
    {
        var script = new StringBuilder("# bash completion of fastbridge and robust-ctl; made by: fastbridge completion bash\n");
        script.Append("_fastbridge() {\n    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path=fastbridge words='' i\n    COMPREPLY=()\n");
        script.Append("    for ((i = 1; i < COMP_CWORD; i++)); do\n        case \"$path ${COMP_WORDS[i]}\" in\n");
        Paths(script, commands, "            ", name => $"{name}) path=\"$path ${{COMP_WORDS[i]}}\" ;;\n", " | ");
        script.Append("        esac\n    done\n    case \"$path $prev\" in\n");
        Values(script, commands, "        ", "COMPREPLY=($(compgen -f -- \"$cur\")); compopt -o filenames 2>/dev/null; return", w => $"words='{w}'", "return");
        script.Append("    esac\n    if [ -z \"$words\" ]; then\n        case $path in\n");
        Words(script, commands, "            ", w => $"words='{w}'");
        script.Append("        esac\n    fi\n    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -F _fastbridge fastbridge robust-ctl\n");
        return script.ToString();
    }

    public static string Zsh(List<CommandDescription> commands)
    {
        var script = new StringBuilder("#compdef fastbridge robust-ctl\n# zsh completion of fastbridge and robust-ctl; made by: fastbridge completion zsh\n");
        script.Append("_fastbridge() {\n    local path_=fastbridge prev=${words[CURRENT-1]} i\n    local -a offer\n");
        script.Append("    for ((i = 2; i < CURRENT; i++)); do\n        case \"$path_ ${words[i]}\" in\n");
        Paths(script, commands, "            ", name => $"({name})) path_=\"$path_ ${{words[i]}}\" ;;\n", "|");
        script.Append("        esac\n    done\n    case \"$path_ $prev\" in\n");
        Values(script, commands, "        ", "_files; return", w => $"offer=({w})", "return");
        script.Append("    esac\n    if (( ! $#offer )); then\n        case $path_ in\n");
        Words(script, commands, "            ", w => $"offer=({w})");
        script.Append("        esac\n    fi\n    compadd -- $offer\n}\n# As an autoloaded file this is the function's first call; sourced, it is a definition.\nif [[ ${funcstack[1]} == _fastbridge ]]; then _fastbridge; else compdef _fastbridge fastbridge robust-ctl; fi\n");
        return script.ToString();
    }

    public static string Fish(List<CommandDescription> commands)
    {
        var script = new StringBuilder("# fish completion of fastbridge and robust-ctl; made by: fastbridge completion fish\n");
        script.Append("function __fastbridge_path\n    set -l path fastbridge\n    for word in (commandline -opc)[2..-1]\n        switch \"$path $word\"\n            case ");
        for (int i = 1; i < commands.Count; i++)
            script.Append('\'').Append(commands[i].Path).Append("' ");
        script.Append("\n                set path \"$path $word\"\n        end\n    end\n    echo $path\nend\nfunction __fastbridge_at\n    test (__fastbridge_path) = \"$argv\"\nend\n");
        foreach (string name in (string[])["fastbridge", "robust-ctl"])
        {
            script.Append("complete -c ").Append(name).Append(" -f\n");
            foreach (CommandDescription command in commands)
            {
                string start = $"complete -c {name} -n '__fastbridge_at {command.Path}'";
                foreach (Command child in command.Command.Subcommands)
                    script.Append(start).Append(" -a ").Append(child.Name).Append(" -d '").Append(Quoted(child.Description)).Append("'\n");
                foreach (Option option in command.Options)
                    FishOption(script, start, option);
            }
        }

        return script.ToString();
    }

    private static void FishOption(StringBuilder script, string start, Option option)
    {
        script.Append(start);
        foreach (string name in CommandDescription.Names(option))
            script.Append(name.StartsWith("--", StringComparison.Ordinal) ? " -l " : " -s ").Append(name.TrimStart('-'));
        List<string> choices = CommandDescription.Choices(option);
        if (choices.Count > 0)
            script.Append(" -x -a '").Append(string.Join(' ', choices)).Append('\'');
        else if (CommandDescription.IsFile(option))
            script.Append(" -r -F");
        else if (!CommandDescription.IsFlag(option))
            script.Append(" -x");
        script.Append(" -d '").Append(Quoted(option.Description)).Append("'\n");
    }

    private static string Quoted(string? text) => (text ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);

    private static void Paths(StringBuilder script, List<CommandDescription> commands, string indent, Func<string, string> line, string or)
    {
        var names = new List<string>();
        for (int i = 1; i < commands.Count; i++)
            names.Add($"'{commands[i].Path}'");
        script.Append(indent).Append(line(string.Join(or, names)));
    }

    /// <summary>A case for each option that has a value.</summary>
    private static void Values(StringBuilder script, List<CommandDescription> commands, string indent, string file, Func<string, string> offer, string free)
    {
        foreach (CommandDescription command in commands)
        {
            foreach (Option option in command.Options)
            {
                if (CommandDescription.IsFlag(option))
                    continue;
                var cases = new List<string>();
                foreach (string name in CommandDescription.Names(option))
                    cases.Add($"'{command.Path} {name}'");
                List<string> choices = CommandDescription.Choices(option);
                string act = choices.Count > 0 ? offer(string.Join(' ', choices)) : CommandDescription.IsFile(option) ? file : free;
                script.Append(indent).Append(string.Join(" | ", cases)).Append(") ").Append(act).Append(" ;;\n");
            }
        }
    }

    /// <summary>A case for each command: its subcommands, arguments' words and options.</summary>
    private static void Words(StringBuilder script, List<CommandDescription> commands, string indent, Func<string, string> offer)
    {
        foreach (CommandDescription command in commands)
        {
            var words = new List<string>();
            foreach (Command child in command.Command.Subcommands)
                words.Add(child.Name);
            foreach (Argument argument in command.Command.Arguments)
            {
                foreach (var item in argument.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty))
                    words.Add(item.Label);
            }

            foreach (Option option in command.Options)
                words.Add(option.Name);
            words.Add("--help");
            script.Append(indent).Append('\'').Append(command.Path).Append("') ").Append(offer(string.Join(' ', words))).Append(" ;;\n");
        }
    }
}
