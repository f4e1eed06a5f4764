//! Handouts in Brazilian Portuguese.

use super::HandoutTexts;
use crate::ops::HandoutAct;
use crate::stack::Kind;

pub(super) static TEXTS: HandoutTexts = HandoutTexts {
    tag: "pt-BR",
    lab: "Laboratório",
    for_student: "Para {0}",
    not_deployed: "Este laboratório não está implantado por completo, ou não está mais. Fale com o seu professor antes de começar.",
    local: "Este laboratório está na AWS local: uma AWS na sua própria máquina, que não custa nada e não tem console.",
    endpoint: "Este laboratório não está na AWS, mas em outro endpoint, que não tem console.",
    owner: "Dono (owner)",
    account: "Conta AWS",
    region: "Região",
    profile: "Perfil (profile)",
    ends: "Acaba",
    has_no_end: "quando você apagar",

    end: "Quando acaba",
    ends_by_itself: "O laboratório acaba em {0}. Poucos minutos depois, tudo é apagado sozinho, com o que você colocou nele. Antes \
                     disso, salve o que quiser guardar.",
    expires: "O laboratório expira em {0}. Nada o apaga sozinho: apague-o antes disso, com o último comando {1} abaixo.",
    stays: "O laboratório não tem fim marcado. Ele fica até ser apagado: quando terminar, apague-o com o último comando {0} abaixo.",
    has_ended: "O fim deste laboratório já passou: foi em {0}.",
    ends_earlier: "Você pode apagá-lo antes, com o último comando {0} abaixo.",

    parts: "Do que é feito",
    part: "Parte",
    name: "Nome na AWS",
    key: "No arquivo da stack",
    console: "Console da AWS",
    open: "abrir",
    logs: "logs",
    sign_in: "Os links levam ao console da AWS na região {1}. Entre antes na conta {0}.",

    starts: "O que o inicia",
    file_starts: "Um arquivo colocado no bucket {0} inicia {1}.",
    only_prefix: "Isso só vale para chaves que começam com {0}.",
    only_suffix: "Isso só vale para chaves que terminam com {0}.",
    by_trail: "Uma trilha (CloudTrail) registra que o arquivo foi colocado. Na AWS isso leva alguns minutos.",
    by_bucket: "Na AWS, os eventos de um bucket novo começam uns cinco minutos depois da implantação.",
    schedule_starts: "{0} é iniciado pelo agendamento {1}.",
    pattern_starts: "Um evento que corresponde a este padrão inicia {0}:",
    switched_off: "A regra está desativada agora.",
    starts_nothing: "Nada começa sozinho: você inicia com um comando.",

    states: "A máquina de estados {0}",
    outline: "Uma execução começa no estado 1. Abaixo de cada estado está para onde ele leva.",
    calls: "chama {0}",
    on: "de",
    waits: "espera: {0}",
    fails: "falha com {0}",
    for_each: "Para cada item",
    items: "para cada um de {0}",
    branch: "Ramo {0}, em paralelo com os outros",
    retries: "tenta de novo até {0} vezes depois de um erro",
    next: "depois",
    condition: "se",
    otherwise: "senão",
    any_error: "depois de qualquer erro",
    caught: "depois do erro",
    end_of_execution: "a execução termina",
    end_of_part: "esta parte termina",
    unreached: "nenhum estado leva até aqui",

    try_it: "Experimente",
    needs_treino: "Execute estes comandos em um terminal (como bash ou zsh), com o treino instalado.",
    needs_credentials: "Eles precisam de credenciais da AWS para a conta {0}.",
    needs_profile: "Eles usam o perfil {0} da sua configuração da AWS.",
    needs_local: "Eles usam a AWS da sua própria máquina.",
    try_cli: "Com a AWS CLI",
    needs_variables: "A verificação lê o arquivo da stack. Defina antes estas variáveis de ambiente:",
    act: |act| match act {
        HandoutAct::LocalAccount => {
            "Primeiro, uma vez em cada terminal: use a sua conta na AWS local."
        }
        HandoutAct::Status => "Veja o que está implantado e quando acaba.",
        HandoutAct::Put => {
            "Coloque um arquivo no bucket e acompanhe o que ele inicia. Use um arquivo seu no lugar deste."
        }
        HandoutAct::Start => "Inicie uma execução e acompanhe.",
        HandoutAct::Runs => "Liste as execuções mais recentes.",
        HandoutAct::Logs => "Leia o que foi registrado nos logs.",
        HandoutAct::Test => {
            "Verifique se o laboratório funciona, na pasta em que está o arquivo da stack."
        }
        HandoutAct::Destroy => "Apague tudo, quando terminar.",
        HandoutAct::CliLocal => "Primeiro, uma vez em cada terminal: use a AWS local.",
        HandoutAct::CliUpload => "Envie um arquivo. Use um arquivo seu no lugar deste.",
        HandoutAct::CliStart => "Inicie uma execução.",
        HandoutAct::CliExecutions => "Liste as execuções mais recentes.",
        HandoutAct::CliScan => "Mostre itens da tabela.",
        HandoutAct::CliInvoke => "Chame a função; a resposta é gravada em um arquivo.",
        HandoutAct::CliTail => "Mostre o que a função registrou na última hora.",
        HandoutAct::CliPublish => "Envie uma mensagem ao tópico.",
        HandoutAct::CliQueue => "Mostre o endereço da fila.",
    },

    kind: |kind| match kind {
        Kind::Bucket => "Bucket",
        Kind::Table => "Tabela",
        Kind::Role => "Papel (role)",
        Kind::LogGroup => "Grupo de logs",
        Kind::Function => "Função",
        Kind::StateMachine => "Máquina de estados",
        Kind::Connection => "Conexão",
        Kind::Trail => "Trilha",
        Kind::Rule => "Regra",
        Kind::DirectoryBucket => "Directory bucket",
        Kind::Vault => "Cofre (vault)",
        Kind::Queue => "Fila",
        Kind::Topic => "Tópico",
    },
    written: "Escrito pelo treino em {0}.",

    index: "{0}: a turma",
    index_about: "Cada aluno tem uma página própria.",
    student: "Aluno",
    page: "Página",
    state: "Estado",
    is_deployed: "implantado",
    is_not_deployed: "não implantado",
    no_page: "sem página: {0}",
    earlier_page: "escrita antes",

    weekdays: [
        "segunda-feira",
        "terça-feira",
        "quarta-feira",
        "quinta-feira",
        "sexta-feira",
        "sábado",
        "domingo",
    ],
    months: [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
    date: "{0}, {1} de {2} de {3}, {4} ({5})",
};
